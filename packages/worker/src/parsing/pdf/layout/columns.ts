import type { Segment } from "../text/segments.ts"

/** Parts of a page that are read one after another; inside one, line by line from top to bottom. */
export type Region = ReadonlyArray<Segment>

/** Columns inside columns stop here. */
const maxDepth = 8

/** Reading order: full-width lines cut the page into bands, gutters cut bands into columns, columns are read in order. */
export const toRegions = (
  segments: ReadonlyArray<Segment>,
  pageHeight: number,
  rtl: boolean,
  depth = 0
): ReadonlyArray<Region> => {
  if (segments.length < 6 || depth === maxDepth) return segments.length === 0 ? [] : [segments]
  const gutter = findGutter(segments, pageHeight)
  if (gutter === null || gutter.crossings > 0) {
    const halves = cutAtGap(segments, pageHeight, gutter)
    if (halves !== null) return halves.flatMap((half) => toRegions(half, pageHeight, rtl, depth + 1))
    if (gutter === null) return [segments]
  }
  return bandsOf(segments, gutter).flatMap((band): ReadonlyArray<Region> => {
    if (band.left.length === 0 || band.right.length === 0) {
      const side = [...band.across, ...band.left, ...band.right]
      return band.across.length > 0 ? [side] : toRegions(side, pageHeight, rtl, depth + 1)
    }
    const columns = [band.left, band.right].map((side) => toRegions(side, pageHeight, rtl, depth + 1))
    return rtl ? columns.toReversed().flat() : columns.flat()
  })
}

interface Gutter {
  readonly u0: number
  readonly u1: number
  /** Lines that cross it. */
  readonly crossings: number
}

interface Band {
  readonly across: Array<Segment>
  readonly left: Array<Segment>
  readonly right: Array<Segment>
}

/** Alternating: lines across the gutter, and what stands to its sides between them. */
const bandsOf = (segments: ReadonlyArray<Segment>, gutter: Gutter): ReadonlyArray<Band> => {
  const bands: Array<Band> = []
  const sideOf = (segment: Segment): "across" | "left" | "right" =>
    segment.u1 <= gutter.u1 ? "left" : segment.u0 >= gutter.u0 ? "right" : "across"
  // A line that is broken at the gutter by chance still goes across: a heading set wide, or a row of a table.
  for (const segment of segments.toSorted((a, b) => a.v - b.v)) {
    const side = sideOf(segment)
    const band = bands.at(-1)
    const sameKind = band !== undefined && (band.across.length > 0) === (side === "across")
    if (sameKind) band[side].push(segment)
    else bands.push({ across: [], left: [], right: [], [side]: [segment] })
  }
  return bands
}

/** Gaps tried, the widest first. */
const triedGaps = 4

/**
 * A figure or a listing above columns hides their gutter, and what is set in other columns crosses it: cut where white runs across, if
 * that brings a gutter to light, or clears the one that there is.
 */
const cutAtGap = (
  segments: ReadonlyArray<Segment>,
  pageHeight: number,
  gutter: Gutter | null
): readonly [ReadonlyArray<Segment>, ReadonlyArray<Segment>] | null => {
  const sorted = segments.toSorted((a, b) => a.top - b.top)
  const gaps: Array<{ readonly at: number; readonly white: number }> = []
  let end = Number.NEGATIVE_INFINITY
  for (const [at, segment] of sorted.entries()) {
    const white = segment.top - end
    if (at > 0 && white > 0.5 * segment.size) gaps.push({ at, white })
    end = Math.max(end, segment.bottom)
  }
  for (const { at } of gaps.sort((a, b) => b.white - a.white).slice(0, triedGaps)) {
    const halves = [sorted.slice(0, at), sorted.slice(at)] as const
    const gutters = halves.flatMap((half) => half.length > 5 ? findGutter(half, pageHeight) ?? [] : [])
    const crossings = gutters.reduce((sum, found) => sum + found.crossings, 0)
    if (gutters.length > 0 && (gutter === null || crossings < gutter.crossings)) return halves
  }
  return null
}

/** Width of the strips that the page is measured in, in points. */
const strip = 2

/**
 * The widest upright stretch of white that splits the text into two sides that look like columns of text, crossed by few lines at
 * most. Null when there is none: then lines are read across.
 */
const findGutter = (segments: ReadonlyArray<Segment>, pageHeight: number): Gutter | null => {
  const left = Math.min(...segments.map((segment) => segment.u0))
  const right = Math.max(...segments.map((segment) => segment.u1))
  const size = median(segments.map((segment) => segment.size))
  const count = Math.ceil((right - left) / strip)
  if (!(count > 10) || count > 5_000) return null
  const cover = coverOf(segments, left, count)
  const limit = Math.floor(segments.length * 0.2)
  const candidates: Array<Gutter> = []
  // Two passes: an unbroken stretch of white is better than one that lines cross.
  for (const allowed of limit === 0 ? [0] : [0, limit]) {
    for (let at = 1; at < count;) {
      if (cover[at]! > allowed) {
        at++
        continue
      }
      let end = at
      let lowest = cover[at]!
      while (end < count && cover[end]! <= allowed) lowest = Math.min(lowest, cover[end++]!)
      // Where lines cross, the stretch is only as wide as its emptiest part.
      let from = at
      while (from < end && cover[from]! > lowest) from++
      let to = from
      while (to < end && cover[to]! <= lowest) to++
      const gutter = { u0: left + from * strip, u1: left + to * strip, crossings: lowest }
      if (gutter.u1 - gutter.u0 >= Math.max(6, 0.7 * size)) candidates.push(gutter)
      at = end
    }
  }
  const good = candidates.filter((gutter) => splitsText(segments, gutter, left, right, pageHeight))
  good.sort((a, b) => a.crossings - b.crossings || (b.u1 - b.u0) - (a.u1 - a.u0))
  return good[0] ?? null
}

/** How many segments lie over each strip. */
const coverOf = (segments: ReadonlyArray<Segment>, left: number, count: number): Int32Array => {
  const cover = new Int32Array(count + 2)
  for (const { u0, u1 } of segments) {
    const first = Math.max(0, Math.floor((u0 - left) / strip))
    const last = Math.min(count, Math.floor((u1 - left) / strip))
    if (first > last) continue
    cover[first]!++
    cover[last + 1]!--
  }
  for (let at = 1; at <= count; at++) cover[at]! += cover[at - 1]!
  return cover
}

const splitsText = (
  segments: ReadonlyArray<Segment>,
  gutter: Gutter,
  left: number,
  right: number,
  pageHeight: number
): boolean => {
  const first = segments.filter((segment) => segment.u1 <= gutter.u1)
  const second = segments.filter((segment) => segment.u0 >= gutter.u0)
  if (first.length < 3 || second.length < 3) return false
  const overlap = Math.min(bottom(first), bottom(second)) - Math.max(top(first), top(second))
  if (overlap < 2 * median(segments.map((segment) => segment.size))) return false
  if (isProse(first, gutter.u0 - left) && isProse(second, right - gutter.u1)) return true
  // Columns of short entries, as an index has them: as wide as each other and as long as the page.
  const widths = [gutter.u0 - left, right - gutter.u1]
  return Math.min(...widths) > 0.75 * Math.max(...widths) && overlap > 0.6 * pageHeight && first.length > 20 &&
    second.length > 20
}

/** Lines that mostly fill their column, as opposed to the cells of a table. */
const isProse = (segments: ReadonlyArray<Segment>, width: number): boolean => {
  const full = segments.filter((segment) => segment.u1 - segment.u0 > 0.6 * width && segment.text.length > 11)
  return full.length >= 3 && full.length > 0.45 * segments.length
}

const top = (segments: ReadonlyArray<Segment>): number => Math.min(...segments.map((segment) => segment.top))
const bottom = (segments: ReadonlyArray<Segment>): number => Math.max(...segments.map((segment) => segment.bottom))

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
