import type { Line } from "../text/lines.ts"
import { isRightToLeft, joinLines } from "../text/runText.ts"
import { tableAt } from "../tables/tables.ts"

export interface Rect {
  readonly u0: number
  readonly u1: number
  readonly top: number
  readonly bottom: number
}

/** Lines that belong together. */
export interface Block extends Rect {
  readonly kind: "text" | "item" | "code" | "table"
  readonly text: string
  readonly rows?: ReadonlyArray<ReadonlyArray<string>>
  readonly lines: number
  readonly size: number
  readonly bold: boolean
}

export interface BlockOptions {
  readonly isBold: (font: string) => boolean
  /** Whether a line of typewriter letters is code: not so where all of the document is written in them. */
  readonly monoIsCode: boolean
  /** Words that the document writes with a hyphen. */
  readonly compounds: ReadonlySet<string>
}

const bullet = /^[•‣◦▪●○■□–—✓➢➤·*-]\s+\S/
const enumerator = /^(?:\((?:\d{1,2}|[a-z]|[ivx]{1,5})\)|(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)])\s+\S/i
const isItem = (text: string): boolean => bullet.test(text) || enumerator.test(text)

/** Cuts the lines of a region into paragraphs, items, code and tables. */
export const toBlocks = (lines: ReadonlyArray<Line>, options: BlockOptions): ReadonlyArray<Block> => {
  const view = isRightToLeft(lines.slice(0, 20).map(({ text }) => text).join(" ")) ? lines.map(mirrored) : lines
  const shape = shapeOf(view)
  const blocks: Array<Block> = []
  for (let at = 0; at < lines.length;) {
    const { table: ruled } = lines[at]!
    if (ruled !== undefined) {
      blocks.push(tableBlock(lines.slice(at, at + 1), ruled))
      at++
      continue
    }
    const table = tableAt(lines, at)
    if (table !== null) {
      blocks.push(tableBlock(lines.slice(at, at + table.length), table.rows))
      at += table.length
      continue
    }
    const start = at++
    if (options.monoIsCode && isCode(lines, start)) {
      while (at < lines.length && lines[at]!.mono && lines[at]!.v - lines[at - 1]!.v < 2.6 * lines[at]!.size) at++
      blocks.push(codeBlock(lines.slice(start, at)))
      continue
    }
    while (at < lines.length && !begins(view, start, at, shape, options)) at++
    blocks.push(textBlock(lines.slice(start, at), options))
  }
  return blocks
}

/** Right-to-left text is judged by its reflection: indents and short lines are on the other side. */
const mirrored = (line: Line): Line => ({ ...line, u0: -line.u1, u1: -line.u0 })

interface Shape {
  readonly left: number
  readonly right: number
  /** Usual distance of baselines. */
  readonly leading: number
}

const shapeOf = (lines: ReadonlyArray<Line>): Shape => {
  const steps: Array<number> = []
  for (let at = 1; at < lines.length; at++) {
    const [before, line] = [lines[at - 1]!, lines[at]!]
    const step = line.v - before.v
    if (step > 0.8 * line.size && step < 2.2 * line.size && sameSize(before, line)) steps.push(step)
  }
  const size = lines[0]?.size ?? 10
  return {
    left: Math.min(...lines.map((line) => line.u0)),
    right: Math.max(...lines.map((line) => line.u1)),
    // The lower third rather than the middle: in a list of one-line paragraphs most steps are between paragraphs.
    leading: steps.length < 2 ? 1.25 * size : steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 3)]!
  }
}

const sameSize = (a: Line, b: Line): boolean => Math.abs(a.size - b.size) < 0.08 * Math.max(a.size, b.size)

/** Typewriter letters for several lines, or for one that stands alone; a single one inside a paragraph is a name in it. */
const isCode = (lines: ReadonlyArray<Line>, at: number): boolean => {
  const line = lines[at]!
  if (!line.mono) return false
  const next = lines[at + 1]
  return next === undefined || next.mono || next.v - line.v > 1.5 * line.size
}

/** Whether `lines[at]` begins a new block, given that the one before began at `start`. */
const begins = (
  lines: ReadonlyArray<Line>,
  start: number,
  at: number,
  shape: Shape,
  { isBold, monoIsCode }: BlockOptions
): boolean => {
  const [first, before, line] = [lines[start]!, lines[at - 1]!, lines[at]!]
  const { size } = line
  if (before.leads || line.table !== undefined) return true
  const step = line.v - before.v
  const leading = Math.max(Math.min(shape.leading, 1.9 * size), size)
  if (step > leading + 0.35 * size || step < -0.5 * size) return true
  if (!sameSize(before, line) || isBoldLine(before, isBold) !== isBoldLine(line, isBold)) return true
  // One line of typewriter letters right below a paragraph is the rest of it, unless that announces it.
  if (monoIsCode && line.mono && !before.mono && (lines[at + 1]?.mono === true || /[:：]$/.test(before.text))) {
    return true
  }
  if (bullet.test(line.text)) return true
  const width = shape.right - shape.left
  const room = shape.right - before.u1
  // A number may begin a line in the middle of a sentence by chance.
  if (
    enumerator.test(line.text) && (enumerator.test(first.text) || room > 0.1 * width || /[.:;,!?)]$/.test(before.text))
  ) {
    return true
  }
  if (line.cells.length > 1 && tableAt(lines, at) !== null) return true
  const centred = Math.abs(before.u0 + before.u1 - line.u0 - line.u1) < 2 * size
  const inItem = isItem(first.text)
  const indent = line.u0 - before.u0
  if (indent > 0.8 * size && !centred && !(inItem && at === start + 1) && before.u0 < shape.left + 12 * size) {
    // Shifted to the right: the first line of a paragraph; unless the one before hangs out to the left, as in references.
    if (at > start + 1 || line.u0 - first.u0 < 3.5 * size) return !hangs(lines, at, first)
  }
  if (
    indent < -0.8 * size && !centred && at > start + 1 && first.u0 > line.u0 + 0.8 * size &&
    lines[start + 1]!.u0 > line.u0 + 0.8 * size
  ) {
    return true
  }
  if (
    inItem && line.u0 <= first.u0 + 0.2 * size && lines[start + 1] !== line &&
    lines[start + 1]!.u0 > first.u0 + 0.5 * size
  ) return true
  if (room > 0.25 * width && /[.!?:;。！？：]["'”’)]?$/.test(before.text) && !centred) return true
  return room > 0.4 * width && /^["'“‘(]?[\p{Lu}\p{N}]/u.test(line.text) && !/[,\u2010-]$/.test(before.text) && !centred
}

/** Bold throughout, as titles are; a bold word or two does not count. */
const isBoldLine = (line: Line, isBold: (font: string) => boolean): boolean => {
  if (!isBold(line.font)) return false
  let bold = 0
  let all = 0
  for (const { runs } of line.cells) {
    for (const { font, text } of runs) {
      all += text.length
      if (isBold(font)) bold += text.length
    }
  }
  return bold > 0.9 * all
}

/** The lines that follow are shifted like this one: the first one hangs out. */
const hangs = (lines: ReadonlyArray<Line>, at: number, first: Line): boolean => {
  const next = lines[at + 1]
  const line = lines[at]!
  if (next === undefined) return false
  return line.u0 > first.u0 && Math.abs(next.u0 - line.u0) < 0.3 * line.size
}

const rectOf = (lines: ReadonlyArray<Rect>): Rect => ({
  u0: Math.min(...lines.map((line) => line.u0)),
  u1: Math.max(...lines.map((line) => line.u1)),
  top: Math.min(...lines.map((line) => line.top)),
  bottom: Math.max(...lines.map((line) => line.bottom))
})

const textBlock = (lines: ReadonlyArray<Line>, { compounds, isBold }: BlockOptions): Block => {
  const main = lines.reduce((best, line) => line.text.length > best.text.length ? line : best)
  const text = lines.reduce((text, line) => joinLines(text, line.text, compounds), "")
  const kind = lines.at(-1)!.leads || isItem(text) ? "item" : "text"
  return {
    ...rectOf(lines),
    kind,
    text,
    lines: lines.length,
    size: main.size,
    bold: lines.every((line) => isBoldLine(line, isBold))
  }
}

const tableBlock = (lines: ReadonlyArray<Line>, rows: ReadonlyArray<ReadonlyArray<string>>): Block => ({
  ...rectOf(lines),
  kind: "table",
  rows,
  text: rows.map((row) => row.join(" | ")).join("\n"),
  lines: lines.length,
  size: lines[0]!.size,
  bold: false
})

/** Code keeps its lines and its indentation, counted in letters. */
const codeBlock = (lines: ReadonlyArray<Line>): Block => {
  const rect = rectOf(lines)
  const letters = lines.reduce((sum, line) => sum + line.text.length, 0)
  const width = lines.reduce((sum, line) => sum + line.u1 - line.u0, 0) / Math.max(1, letters)
  const text = lines.map((line, at) => {
    const gap = at > 0 && line.v - lines[at - 1]!.v > 1.7 * line.size ? "\n" : ""
    return gap + line.cells.reduce((text, cell) => {
      const column = Math.min(200, Math.round((cell.u0 - rect.u0) / Math.max(1, width)))
      return (text === "" ? "" : `${text} `).padEnd(column) + cell.text
    }, "")
  }).join("\n")
  return { ...rect, kind: "code", text, lines: lines.length, size: lines[0]!.size, bold: false }
}
