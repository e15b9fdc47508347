/** A piece of text on one baseline. `u` runs in the direction of reading, `v` from line to line, both in points. */
export interface TextRun {
  text: string
  u0: number
  u1: number
  /** The baseline, or for vertical writing the middle of the column. */
  readonly v: number
  readonly top: number
  readonly bottom: number
  readonly size: number
  readonly font: string
  readonly mono: boolean
  readonly rtl: boolean
  /** White space stands before it in the file. */
  readonly space: boolean
}

/** Which way text is read on the displayed page: to the right, down, to the left, up. */
export type Direction = 0 | 1 | 2 | 3

/** The page as seen in one direction. */
export interface PageFrame {
  readonly direction: Direction
  readonly width: number
  readonly height: number
}

export interface TextGroup extends PageFrame {
  readonly runs: ReadonlyArray<TextRun>
}

/** A point of the displayed page as seen by who reads in a direction. */
export const toReading = (
  direction: Direction,
  x: number,
  y: number,
  width: number,
  height: number
): readonly [u: number, v: number] => {
  switch (direction) {
    case 0:
      return [x, y]
    case 1:
      return [y, width - x]
    case 2:
      return [width - x, height - y]
    case 3:
      return [height - y, x]
  }
}

/** A rectangle in reading coordinates as fractions of the displayed page. */
export const toFractions = (
  group: PageFrame,
  rect: { readonly u0: number; readonly u1: number; readonly top: number; readonly bottom: number }
): { readonly x0: number; readonly y0: number; readonly x1: number; readonly y1: number } => {
  const u0 = fraction(rect.u0 / group.width)
  const u1 = fraction(rect.u1 / group.width)
  const v0 = fraction(rect.top / group.height)
  const v1 = fraction(rect.bottom / group.height)
  const inverse = (value: number): number => fraction(1 - value)
  switch (group.direction) {
    case 0:
      return { x0: u0, y0: v0, x1: u1, y1: v1 }
    case 1:
      return { x0: inverse(v1), y0: u0, x1: inverse(v0), y1: u1 }
    case 2:
      return { x0: inverse(u1), y0: inverse(v1), x1: inverse(u0), y1: inverse(v0) }
    case 3:
      return { x0: v0, y0: inverse(u1), x1: v1, y1: inverse(u0) }
  }
}

/** Four decimals: a fifth of a point on a large page. */
const fraction = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000
