import type { Segment } from "../text/segments.ts"
import { type Grid, withColumns, withLeft } from "./grids.ts"

/** A grid with the columns that no lines part, though others are parted by lines; and with what names its rows to the left of it. */
export const withUndrawn = (grid: Grid, segments: ReadonlyArray<Segment>): Grid => {
  const left = leftOfLabels(grid, segments)
  const parted = withColumns(grid, hiddenColumns(grid, segments))
  return left === null ? parted : withLeft(parted, left)
}

/** The baselines of lines, from top to bottom. */
export const placesOf = (lines: ReadonlyArray<{ readonly v: number }>): ReadonlyArray<number> => {
  const places: Array<number> = []
  for (const v of lines.map((line) => line.v).sort((a, b) => a - b)) {
    if (places.length === 0 || v - places.at(-1)! > 3) places.push(v)
  }
  return places
}

/** Share of what stands in a column on average that must stand in each of the columns that no lines part. */
const filled = 0.5
/** Share of the rows that may cross what parts them: headings over several columns. */
const crossing = 0.1
/** White that parts columns, in sizes of the font. */
const columnGap = 0.4

/** Where columns are parted by white alone. */
const hiddenColumns = ({ xs, ys }: Grid, segments: ReadonlyArray<Segment>): ReadonlyArray<number> => {
  const inside = segments.filter(({ size, table, v }) =>
    table === undefined && v - 0.3 * size > ys[0]! && v - 0.3 * size < ys.at(-1)!
  )
  return xs.slice(1).flatMap((right, column) => {
    const own = inside.filter(({ u0, u1 }) => u0 > xs[column]! - 1 && u1 < right + 1)
    const gaps = gapsOf(own)
    const counts = gaps.map(() => 0).concat(0)
    for (const { u0, u1 } of own) counts[gaps.filter((gap) => gap < (u0 + u1) / 2).length]!++
    return counts.every((count) => count >= Math.max(3, filled * own.length / counts.length)) ? gaps : []
  })
}

/** The middles of the white between columns of segments. */
const gapsOf = (segments: ReadonlyArray<Segment>): ReadonlyArray<number> => {
  const least = columnGap * Math.max(0, ...segments.map(({ size }) => size))
  const allowed = Math.floor(crossing * placesOf(segments).length)
  const edges = segments.flatMap(({ u0, u1 }) => [{ u: u0, by: 1 }, { u: u1, by: -1 }])
    .sort((a, b) => a.u - b.u || b.by - a.by)
  const gaps: Array<number> = []
  let open = 0
  let white: number | null = null
  for (const { by, u } of edges) {
    if (by > 0 && open === allowed) {
      if (white !== null && u - white >= least) gaps.push((white + u) / 2)
      white = null
    }
    open += by
    if (by < 0 && open === allowed) white = u
  }
  return gaps
}

/** Letters of a label; more are text of a column of its own. */
const maxLabel = 60
/** Share of the rows that labels must stand in, on one line with what is in them. */
const labelled = 0.6

/** Where the labels of rows begin that stand outside of the lines; null where there are none. */
const leftOfLabels = ({ xs, ys }: Grid, segments: ReadonlyArray<Segment>): number | null => {
  const left = xs[0]!
  const lines = segments.filter(({ size, table, v }) =>
    table === undefined && v - 0.3 * size > ys[0]! && v - 0.3 * size < ys.at(-1)!
  )
  const rows = placesOf(lines.filter(({ u0 }) => u0 >= left - 1))
  const outside = lines.filter(({ u1 }) => u1 < left + 1)
  const level = outside.filter(({ size, v }) => rows.some((row) => Math.abs(row - v) < 0.25 * size))
  const fits = rows.length >= 4 && level.length >= labelled * rows.length && level.length >= 0.8 * outside.length &&
    placesOf(outside).length === outside.length && outside.every(({ text }) => text.length <= maxLabel)
  return fits ? Math.min(...outside.map(({ u0 }) => u0)) - 1 : null
}
