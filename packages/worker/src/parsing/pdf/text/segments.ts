import type { TextRun } from "./pageText.ts"
import { joinRuns } from "./runText.ts"

/** Runs of one line that stand close together: words of a line of text, or a cell of a table. */
export interface Segment {
  readonly runs: ReadonlyArray<TextRun>
  readonly text: string
  readonly u0: number
  readonly u1: number
  readonly top: number
  readonly bottom: number
  readonly v: number
  /** Size and font of most of its letters. */
  readonly size: number
  readonly font: string
  readonly mono: boolean
  /** The rows of a table that stands in place of what is in it. */
  readonly table?: ReadonlyArray<ReadonlyArray<string>>
}

/** White space wider than this (in sizes of the font) separates segments: columns and cells, not words. */
const maxGap = 1.1

interface Draft {
  readonly runs: Array<TextRun>
  u0: number
  u1: number
  readonly v: number
  readonly size: number
}

/** Runs as segments, top to bottom. Files give most lines in one go; what was drawn elsewhere is fitted in after. */
export const toSegments = (runs: ReadonlyArray<TextRun>): ReadonlyArray<Segment> => {
  const drafts: Array<Draft> = []
  let open: Draft | null = null
  for (const run of runs) {
    if (open !== null && fits(open, run, maxGap)) add(open, run)
    else {
      open = { runs: [run], u0: run.u0, u1: run.u1, v: run.v, size: run.size }
      drafts.push(open)
    }
  }
  return mergeNeighbours(drafts).map(finish).filter(({ text }) => text !== "")
}

const fits = (line: Draft, run: Pick<TextRun, "u0" | "u1" | "v" | "size">, gap: number): boolean => {
  const size = Math.max(line.size, run.size)
  const drop = Math.abs(line.v - run.v)
  // Superscripts and subscripts stand off the line by up to half of its size, and are smaller.
  const level = Math.abs(line.size - run.size) < 0.1 * size ? 0.25 : 0.55
  if (drop > level * size) return false
  return run.u0 - line.u1 <= gap * size && line.u0 - run.u1 <= gap * size
}

const add = (line: Draft, run: TextRun): void => {
  line.runs.push(run)
  line.u0 = Math.min(line.u0, run.u0)
  line.u1 = Math.max(line.u1, run.u1)
}

/** Joins what belongs to one line though other text was drawn in between. */
const mergeNeighbours = (drafts: Array<Draft>): ReadonlyArray<Draft> => {
  const sorted = drafts.sort((a, b) => a.v - b.v || a.u0 - b.u0)
  const merged: Array<Draft> = []
  for (const draft of sorted) {
    let target: Draft | null = null
    for (let at = merged.length - 1; at >= 0; at--) {
      const other = merged[at]!
      if (draft.v - other.v > 0.55 * Math.max(draft.size, other.size, sizeLimit)) break
      if (fits(other, draft, 0.4)) {
        target = other
        break
      }
    }
    if (target === null) merged.push(draft)
    else {
      for (const run of draft.runs) add(target, run)
    }
  }
  return merged
}

/** How far back, at least, a line is looked for: drops are small, but a big letter reaches far. */
const sizeLimit = 24

const finish = ({ runs, u0, u1 }: Draft): Segment => {
  const main = runs.length === 1
    ? runs[0]!
    : runs.reduce((best, run) => run.text.length > best.text.length ? run : best)
  let top = main.top
  let bottom = main.bottom
  let mono = 0
  let length = 0
  for (const run of runs) {
    top = Math.min(top, run.top)
    bottom = Math.max(bottom, run.bottom)
    length += run.text.length
    if (run.mono) mono += run.text.length
  }
  return {
    runs,
    text: joinRuns(runs),
    u0,
    u1,
    top,
    bottom,
    v: main.v,
    size: main.size,
    font: main.font,
    mono: mono > 0.8 * length
  }
}
