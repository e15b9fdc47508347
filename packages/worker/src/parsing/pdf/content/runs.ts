import { hasRightToLeft, logicalOrder, readsFromRight } from "../text/bidi.ts"
import { accented, isAccent } from "../text/accents.ts"
import type { Font } from "./fonts.ts"
import type { Matrix } from "./matrix.ts"
import { Overprint } from "./Overprint.ts"
import { type Direction, type TextGroup, type TextRun, toReading } from "../text/pageText.ts"

/** A glyph as the library gives it; numbers between glyphs move the pen. */
export interface Glyph {
  readonly unicode: string
  readonly width: number
  readonly isSpace: boolean
  readonly vmetric?: ReadonlyArray<number> | null
}

export interface TextStyle {
  readonly font: Font
  readonly size: number
  readonly charSpacing: number
  readonly wordSpacing: number
  readonly hScale: number
}

/** White space, in sizes of the font: from here on it separates words, and from there on runs. */
const wordGap = 0.11
const runGap = 0.9
/** Spacing of letters up to this is a way of setting them, beyond it each stands for itself. */
const letterGap = 0.6

interface Open {
  readonly font: Font
  readonly size: number
  readonly u0: number
  readonly v: number
  readonly space: boolean
  readonly pieces: Array<string>
  /** Where each of them begins. */
  readonly starts: Array<number>
  /** Where its last letter ends, and where the next one would stand. */
  u1: number
  next: number
  right: boolean
  /** The last letter is an accent, which may belong to the next one. */
  accent: boolean
}

interface Group {
  readonly direction: Direction
  readonly runs: Array<TextRun>
  readonly overprint: Overprint
  open: Open | null
}

/** Joins glyphs into runs as they are shown: words of a line that are set in one font, with spaces where there is room for one. */
export class RunBuilder {
  readonly #width: number
  readonly #height: number
  readonly #groups = new Map<string, Group>()
  /** A blank was shown before what comes next. */
  #blank = false

  /** Of a page of this size, in points, as displayed. */
  constructor(width: number, height: number) {
    this.#width = width
    this.#height = height
  }

  /**
   * Shows glyphs with the pen at the origin of `text` (a transformation from the space of text to the displayed page) and answers how
   * far the pen has moved, in that space.
   */
  show(glyphs: ReadonlyArray<Glyph | number>, text: Matrix, style: TextStyle): number {
    const { charSpacing, font, wordSpacing } = style
    const { vertical } = font
    const em = Math.abs(style.size)
    const turn = style.size < 0 ? -1 : 1
    const hScale = vertical ? 1 : style.hScale * turn
    // One unit along the line, as a vector of the page.
    const alongX = vertical ? -text[2] : text[0] * hScale
    const alongY = vertical ? -text[3] : text[1] * hScale
    const along = Math.hypot(alongX, alongY)
    const size = Math.hypot(text[2], text[3]) * em * font.height
    const visible = Number.isFinite(along + size + text[4] + text[5]) && size >= 0.5 && along > 0
    const angle = Math.atan2(alongY, alongX) / (Math.PI / 2)
    const direction = ((Math.round(angle) + 4) % 4) as Direction
    const group = visible ? this.#groupOf(direction, Math.abs(angle - Math.round(angle)) > 0.1) : null
    const [u, v] = toReading(direction, text[4], text[5], this.#width, this.#height)
    const outside = v < 0 || v > (direction % 2 === 0 ? this.#height : this.#width)
    const letters = Math.abs(charSpacing) * along > letterGap * size ? 0 : charSpacing
    let pen = 0
    for (const glyph of glyphs) {
      if (typeof glyph === "number") {
        pen += (vertical ? 1 : -1) * glyph * em / 1_000
        continue
      }
      const width = (vertical ? -(glyph.vmetric?.[0] ?? -1_000) : glyph.width) * font.unit * em
      const spacing = ((glyph.isSpace ? wordSpacing : 0) + charSpacing) * (vertical ? -turn : turn)
      const letter = glyph.unicode
      if (letter === "" || isBlank(letter)) this.#blank = true
      else if (group !== null && !outside && !isHidden(letter)) {
        const from = u + pen * along
        this.#add(group, letter, {
          from,
          to: from + width * along,
          next: from + (width + letters) * along,
          v,
          size,
          font
        })
      }
      pen += width + spacing
    }
    return vertical ? pen : pen * hScale
  }

  /** All runs, by direction, the one with most text first. */
  groups(): ReadonlyArray<TextGroup> {
    const found = [...this.#groups.values()].map((group) => {
      close(group)
      const runs = group.runs.filter((run) => !group.overprint.has(run))
      return { direction: group.direction, runs, length: runs.reduce((sum, { text }) => sum + text.length, 0) }
    })
    return found.filter(({ runs }) => runs.length > 0).sort((a, b) => b.length - a.length).map((
      { direction, runs }
    ) => ({
      direction,
      runs,
      width: direction % 2 === 0 ? this.#width : this.#height,
      height: direction % 2 === 0 ? this.#height : this.#width
    }))
  }

  #groupOf(direction: Direction, slanted: boolean): Group {
    const key = `${direction}${slanted}`
    const found = this.#groups.get(key)
    if (found !== undefined) return found
    const group: Group = { direction, runs: [], overprint: new Overprint(), open: null }
    this.#groups.set(key, group)
    return group
  }

  #add(group: Group, letter: string, at: Placed): void {
    const { open } = group
    if (open !== null && (open.accent || isAccent(letter)) && withAccent(group, open, letter, at)) return
    const { font, from, next, size, to, v } = at
    const blank = this.#blank
    this.#blank = false
    const gap = open === null ? 0 : from - open.next
    const goesOn = open !== null && open.font === font && Math.abs(open.size - size) < 0.02 * size &&
      Math.abs(open.v - v) < 0.03 * size && gap > -0.35 * size && gap < runGap * size
    if (!goesOn) {
      close(group)
      const space = blank || open === null || Math.abs(open.v - v) > 0.6 * Math.max(open.size, size)
      const right = hasRightToLeft(letter)
      const accent = isAccent(letter)
      group.open = { font, size, u0: from, u1: to, next, v, space, pieces: [letter], starts: [from], right, accent }
      return
    }
    if (blank && gap > -0.1 * size || gap > wordGap * size) {
      open.pieces.push(" ")
      open.starts.push(from)
    }
    open.pieces.push(letter)
    open.starts.push(from)
    open.u1 = Math.max(open.u1, to)
    open.next = next
    open.right ||= hasRightToLeft(letter)
    open.accent = isAccent(letter)
  }
}

/** Puts an accent and the letter that it stands over together, whichever comes first. False where they stand beside each other. */
const withAccent = (group: Group, open: Open, letter: string, { from, next, size, to, v }: Placed): boolean => {
  const [last, start] = [open.pieces.at(-1)!, open.starts.at(-1)!]
  const middle = open.accent ? (start + open.u1) / 2 : (from + to) / 2
  const [left, right] = open.accent ? [from, to] : [start, open.u1]
  const one = open.accent ? accented(last, letter) : accented(letter, last)
  // Over capitals it is raised.
  if (one === null || middle <= left || middle >= right || Math.abs(open.v - v) > 0.45 * size) return false
  open.pieces[open.pieces.length - 1] = one
  open.u1 = Math.max(open.u1, to)
  open.starts[open.starts.length - 1] = Math.min(start, from)
  if (open.accent) open.next = next
  // What stood there by itself was the accent: its letter tells where the line is.
  group.open = { ...open, v: open.accent && open.pieces.length === 1 ? v : open.v, accent: false }
  return true
}

interface Placed {
  readonly from: number
  readonly to: number
  readonly next: number
  readonly v: number
  readonly size: number
  readonly font: Font
}

const isBlank = (letter: string): boolean =>
  // Most letters need no more than this look.
  letter > " " && letter < "\u0080" ? false : letter === " " || letter === "\u00a0" || /^\s+$/.test(letter)

/** Marks that say how text is to be set; a soft hyphen tells where a word is broken, and stays. */
const isHidden = (letter: string): boolean => letter > "\u00ac" && letter !== "\u00ad" && /^\p{Cf}$/u.test(letter)

const close = (group: Group): void => {
  const { open } = group
  if (open === null) return
  group.open = null
  const { font, pieces, right, size, space, starts, u0, u1, v } = open
  const ascent = font.vertical ? 0.5 : 0.8
  const text = (right ? logicalOrder(pieces) : pieces).join("")
  const run: TextRun = {
    text,
    u0,
    u1,
    v,
    top: v - ascent * size,
    bottom: v + (1 - ascent) * size,
    size,
    font: font.id,
    mono: font.mono,
    rtl: right && readsFromRight(pieces),
    space
  }
  group.runs.push(run)
  group.overprint.add({ run, letters: pieces, starts })
}
