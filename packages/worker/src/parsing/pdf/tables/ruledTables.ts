import { type Grid, gridsOf, withColumns } from "./grids.ts"
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
    const table = tableOf(withColumns(grid, hiddenColumns(grid, rest)), rest)
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

/** Share of the rows that must hold something in each of the columns that no lines part. */
const filledRows = 0.5

/** Where columns are parted by white alone, though other columns of the table are parted by lines. */
const hiddenColumns = ({ xs, ys }: Grid, segments: ReadonlyArray<Segment>): ReadonlyArray<number> => {
  const inside = segments.filter(({ size, table, v }) =>
    table === undefined && v - 0.3 * size > ys[0]! && v - 0.3 * size < ys.at(-1)!
  )
  return xs.slice(1).flatMap((right, column) => {
    const left = xs[column]!
    const own = inside.filter(({ u0, u1 }) => u0 > left - 1 && u1 < right + 1).sort((a, b) => a.u0 - b.u0)
    const spans: Array<{ readonly u0: number; u1: number; count: number }> = []
    for (const { u0, u1 } of own) {
      const last = spans.at(-1)
      if (last !== undefined && u0 < last.u1 + 3) {
        last.u1 = Math.max(last.u1, u1)
        last.count++
      } else spans.push({ u0, u1, count: 1 })
    }
    const enough = Math.max(3, filledRows * own.length / Math.max(1, spans.length))
    if (spans.length < 2 || spans.some(({ count }) => count < enough)) return []
    return spans.slice(1).map(({ u0 }, at) => (spans[at]!.u1 + u0) / 2)
  })
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

/** Rows that no lines part: a header and a body are boxes, and most lines of the body fill most columns. */
const isHeap = (cells: ReadonlyArray<CellLines>, rows: number): boolean => {
  if (rows > 4) return false
  const filled = cells.filter((lines) => lines.length > 0)
  const places = placesOf(filled)
  if (filled.length < 2 || places.length < 3) return false
  const full = places.filter((v) =>
    filled.filter((lines) => lines.some((line) => isAt(line, v))).length >= 0.7 * filled.length
  )
  return full.length >= 0.7 * places.length
}

const placesOf = (cells: ReadonlyArray<CellLines>): ReadonlyArray<number> => {
  const places: Array<number> = []
  for (const v of cells.flatMap((lines) => lines.map((line) => line.v)).sort((a, b) => a - b)) {
    if (places.length === 0 || v - places.at(-1)! > 3) places.push(v)
  }
  return places
}

const isAt = (line: CellLine, v: number): boolean => Math.abs(line.v - v) <= 3

const split = (cells: ReadonlyArray<CellLines>): ReadonlyArray<ReadonlyArray<string>> =>
  placesOf(cells).map((v) => cells.map((lines) => textOf(lines.filter((line) => isAt(line, v)))))

/** Rows and columns that hold nothing are margins of the drawing. */
const withoutEmpty = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<ReadonlyArray<string>> => {
  const kept = rows.filter((row) => row.some((cell) => cell !== ""))
  const used = (kept[0] ?? []).map((_, column) => kept.some((row) => row[column] !== ""))
  return kept.map((row) => row.filter((_, column) => used[column]))
}
