import type { PageViewport } from "pdfjs-dist/legacy/build/pdf.mjs"
import type { TextContent } from "pdfjs-dist/types/src/display/api.js"

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
type Direction = 0 | 1 | 2 | 3

/** The page as seen in one direction. */
export interface PageFrame {
  readonly direction: Direction
  readonly width: number
  readonly height: number
}

export interface TextGroup extends PageFrame {
  readonly runs: ReadonlyArray<TextRun>
}

type Item = Extract<TextContent["items"][number], { readonly str: string }>
type Matrix = readonly [number, number, number, number, number, number]

/**
 * The library's items as runs, placed on the page as it is displayed: rotated, cut to its crop box. Grouped by direction, the one with
 * most text first; slanted text (watermarks) goes with the nearest one, in a group of its own.
 */
export const pageText = (viewport: PageViewport, content: TextContent): ReadonlyArray<TextGroup> => {
  const { height, width } = viewport
  const view = viewport.transform as unknown as Matrix
  const scale = Math.hypot(view[0], view[1])
  const groups = new Map<string, { direction: Direction; runs: Array<TextRun>; length: number }>()
  let space = false
  for (const item of content.items) {
    if (!("str" in item)) continue
    if (item.str.trim() === "") {
      space ||= item.str !== "" || item.hasEOL
      continue
    }
    const placed = place(item, view, scale, width, height, content.styles[item.fontName], space)
    space = item.hasEOL
    if (placed === null) continue
    const key = `${placed.direction}${placed.slanted}`
    const group = groups.get(key) ?? { direction: placed.direction, runs: [], length: 0 }
    groups.set(key, group)
    group.runs.push(placed.run)
    group.length += placed.run.text.length
  }
  return [...groups.values()].sort((a, b) => b.length - a.length).map(({ direction, runs }) => ({
    direction,
    runs,
    width: direction % 2 === 0 ? width : height,
    height: direction % 2 === 0 ? height : width
  }))
}

interface Placed {
  readonly run: TextRun
  readonly direction: Direction
  readonly slanted: boolean
}

const place = (
  item: Item,
  view: Matrix,
  scale: number,
  width: number,
  height: number,
  style: TextContent["styles"][string] | undefined,
  space: boolean
): Placed | null => {
  const [a, b, c, d, e, f] = item.transform as unknown as Matrix
  const x = view[0] * e + view[2] * f + view[4]
  const y = view[1] * e + view[3] * f + view[5]
  const vertical = style?.vertical === true
  const alongX = vertical ? -(view[0] * c + view[2] * d) : view[0] * a + view[2] * b
  const alongY = vertical ? -(view[1] * c + view[3] * d) : view[1] * a + view[3] * b
  const size = Math.hypot(view[0] * c + view[2] * d, view[1] * c + view[3] * d) || item.height * scale
  if (!Number.isFinite(x + y + alongX + alongY + size) || size < 0.5) return null
  const angle = Math.atan2(alongY, alongX) / (Math.PI / 2)
  const turns = Math.round(angle)
  const direction = ((turns + 4) % 4) as Direction
  const [u0, v] = toReading(direction, x, y, width, height)
  const length = Math.max(0, (vertical ? item.height : item.width) * scale)
  const ascent = vertical ? 0.5 : 0.8
  const run: TextRun = {
    text: item.str,
    u0,
    u1: u0 + length,
    v,
    top: v - ascent * size,
    bottom: v + (1 - ascent) * size,
    size,
    font: item.fontName,
    mono: style?.fontFamily === "monospace",
    rtl: item.dir === "rtl",
    space
  }
  return { run, direction, slanted: Math.abs(angle - turns) > 0.1 }
}

const toReading = (direction: Direction, x: number, y: number, width: number, height: number): [number, number] => {
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
