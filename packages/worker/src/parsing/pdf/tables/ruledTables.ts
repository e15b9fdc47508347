import { type Grid, gridsOf } from "./grids.ts"
import { placesOf, withUndrawn } from "./undrawn.ts"
import { toLines } from "../text/lines.ts"
import { type TextRun, toReading } from "../text/pageText.ts"
import type { PageGroup } from "../pages.ts"
import { joinLines } from "../text/runText.ts"
import type { Rule } from "../content/rules.ts"
import { type Segment, toSegments } from "../text/segments.ts"

/** The segments of a page where each table that is drawn with lines has become one segment, which holds its rows. */
export const withRuledTables = (
  segments: ReadonlyArray<Segment>,
  group: PageGroup,
  rules: ReadonlyArray<Rule>
): ReadonlyArray<Segment> => {
  if (rules.length < 4) return segments
  let rest = segments
  for (const grid of gridsOf(rules.map((rule) => seen(rule, group)))) {
    const table = tableOf(withUndrawn(grid, rest), rest)
    if (table !== null) rest = [...rest.filter((segment) => !table.taken.has(segment)), ...table.kept, table.segment]
  }
  return rest
}

/** A line as it stands for who reads the group. */
const seen = (rule: Rule, { direction, height, width }: PageGroup): Rule => {
  if (direction === 0) return rule
  const [pageWidth, pageHeight] = direction % 2 === 0 ? [width, height] : [height, width]
  const [x0, y0, x1, y1] = rule.across
    ? [rule.from, rule.at, rule.to, rule.at]
    : [rule.at, rule.from, rule.at, rule.to]
  const [u0, v0] = toReading(direction, x0, y0, pageWidth, pageHeight)
  const [u1, v1] = toReading(direction, x1, y1, pageWidth, pageHeight)
  const across = Math.abs(v0 - v1) < Math.abs(u0 - u1)
  const [a, b] = across ? [u0, u1] : [v0, v1]
  return { across, at: across ? v0 : u0, from: Math.min(a, b), to: Math.max(a, b) }
}

interface RuledTable {
  readonly segment: Segment
  readonly taken: ReadonlySet<Segment>
  /** Parts of segments that were taken, but stand outside. */
  readonly kept: ReadonlyArray<Segment>
}

const tableOf = ({ owners, xs, ys }: Grid, segments: ReadonlyArray<Segment>): RuledTable | null => {
  const [left, right, top, bottom] = [xs[0]!, xs.at(-1)!, ys[0]!, ys.at(-1)!]
  const columns = xs.length - 1
  const cells = new Map<number, Array<TextRun>>()
  const taken = new Set<Segment>()
  const outside: Array<TextRun> = []
  for (const segment of segments) {
    if (segment.table !== undefined || segment.u1 < left || segment.u0 > right) continue
    const middle = segment.v - 0.3 * segment.size
    if (middle < top || middle > bottom) continue
    taken.add(segment)
    for (const run of segment.runs) {
      const column = indexOf(xs, (run.u0 + run.u1) / 2)
      const row = indexOf(ys, run.v - 0.3 * run.size)
      if (column === -1 || row === -1) outside.push(run)
      else add(cells, owners[row]![column]!, run)
    }
  }
  const wide = [...cells].filter(([owner, runs]) =>
    owners[Math.floor(owner / columns)]!.filter((other) => other === owner).length > 1 && standApart(runs, xs)
  )
  for (const [owner, runs] of wide) {
    const row = Math.floor(owner / columns)
    cells.delete(owner)
    for (const run of runs) add(cells, row * columns + indexOf(xs, (run.u0 + run.u1) / 2), run)
  }
  const texts = new Map([...cells].map(([owner, runs]) => [owner, linesOf(runs)] as const))
  if (!looksLikeTable(texts, columns)) return null
  const rows = owners.flatMap((row, at) => {
    const own = row.map((_, column) => texts.get(at * columns + column) ?? [])
    return isHeap(own, owners.length) ? split(own) : [own.map(textOf)]
  })
  const [first] = [...taken]
  const text = rows.map((row) => row.join(" | ")).join("\n")
  const size = first?.size ?? 10
  return {
    taken,
    kept: toSegments(outside),
    segment: {
      runs: [],
      text,
      u0: left,
      u1: right,
      top,
      bottom,
      v: top + size,
      size,
      font: first?.font ?? "",
      mono: false,
      table: withoutEmpty(rows)
    }
  }
}

const add = (cells: Map<number, Array<TextRun>>, owner: number, run: TextRun): void => {
  const cell = cells.get(owner) ?? []
  cells.set(owner, cell)
  cell.push(run)
}

/** Where upright lines are drawn in the head of a table alone, what is below keeps to its columns all the same. */
const standApart = (runs: ReadonlyArray<TextRun>, xs: ReadonlyArray<number>): boolean => {
  const segments = toSegments(runs)
  const fits = ({ u0, u1 }: Segment): boolean => indexOf(xs, u0 + 1) === indexOf(xs, u1 - 1)
  return new Set(segments.map(({ u0, u1 }) => indexOf(xs, (u0 + u1) / 2))).size > 1 && segments.every(fits)
}

interface CellLine {
  readonly v: number
  readonly text: string
}
type CellLines = ReadonlyArray<CellLine>

const linesOf = (runs: ReadonlyArray<TextRun>): CellLines =>
  toLines(toSegments(runs), { all: true }).map(({ text, v }) => ({ v, text })).filter(({ text }) =>
    !/^[.\s·…]+$/.test(text)
  )

const textOf = (lines: CellLines): string => lines.reduce((text, line) => joinLines(text, line.text), "")

const indexOf = (edges: ReadonlyArray<number>, at: number): number => {
  if (at < edges[0]! || at > edges.at(-1)!) return -1
  const found = edges.findIndex((edge) => edge > at)
  return found === -1 ? edges.length - 2 : found - 1
}

/** Frames around text, and pages cut into areas, are drawn with the same lines. */
const looksLikeTable = (texts: ReadonlyMap<number, CellLines>, columns: number): boolean => {
  const lengths = [...texts.values()].map((lines) => lines.reduce((sum, { text }) => sum + text.length, 0)).filter((
    length
  ) => length > 0)
  const all = lengths.reduce((sum, length) => sum + length, 0)
  const used = new Set([...texts.keys()].map((owner) => owner % columns))
  return lengths.length >= 3 && used.size >= 2 && (all < 600 || Math.max(...lengths) < 0.6 * all)
}

/**
 * Rows that no lines part: a header and a body are boxes, and most lines of the body fill most columns. In a table of more boxes these may
 * be groups of rows, where all columns have all of the lines, or nothing at all.
 */
const isHeap = (cells: ReadonlyArray<CellLines>, rows: number): boolean => {
  const filled = cells.filter((lines) => lines.length > 0)
  const places = placesOf(filled.flat())
  const [columns, share] = rows > 4 ? [4, 0.9] : [2, 0.7]
  if (filled.length < columns || places.length < 3) return false
  const full = places.filter((v) =>
    filled.filter((lines) => lines.some((line) => isAt(line, v))).length >= share * filled.length
  )
  return full.length >= share * places.length
}

const isAt = (line: CellLine, v: number): boolean => Math.abs(line.v - v) <= 3

const split = (cells: ReadonlyArray<CellLines>): ReadonlyArray<ReadonlyArray<string>> =>
  placesOf(cells.flat()).map((v) => cells.map((lines) => textOf(lines.filter((line) => isAt(line, v)))))

/** Rows and columns that hold nothing are margins of the drawing. */
const withoutEmpty = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<ReadonlyArray<string>> => {
  const kept = rows.filter((row) => row.some((cell) => cell !== ""))
  const used = (kept[0] ?? []).map((_, column) => kept.some((row) => row[column] !== ""))
  return kept.map((row) => row.filter((_, column) => used[column]))
}
