import type { Span } from "./corpus.ts"

/** In order, and without a unit twice. */
const merged = (spans: ReadonlyArray<Span>): ReadonlyArray<Span> => {
  const result: Array<{ start: number; end: number }> = []
  for (const { end, start } of spans.toSorted((a, b) => a.start - b.start)) {
    const last = result.at(-1)
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end)
    else result.push({ start, end })
  }
  return result
}

const lengthOf = (spans: ReadonlyArray<Span>): number => spans.reduce((sum, { end, start }) => sum + end - start, 0)

const shared = (one: ReadonlyArray<Span>, other: ReadonlyArray<Span>): number =>
  one.reduce(
    (sum, a) =>
      sum + other.reduce((part, b) => part + Math.max(0, Math.min(a.end, b.end) - Math.max(a.start, b.start)), 0),
    0
  )

/**
 * How well what was found covers what answers a question, in characters. `recall`: the share of the answer that was found. `iou`: what was
 * found of the answer over all that was found or ought to have been; text that was found twice counts twice.
 */
export const judgeSpans = (wanted: ReadonlyArray<Span>, found: ReadonlyArray<Span>) => {
  const answer = merged(wanted)
  const common = shared(answer, merged(found))
  return {
    recall: common / lengthOf(answer),
    iou: common / (lengthOf(answer) + lengthOf(found) - common)
  }
}
