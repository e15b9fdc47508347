import type { TextRun } from "./pageText.ts"

/** How much larger than its text such a letter is, at least. */
const larger = 1.7
/** Height of capitals, in sizes of their font. */
const capitals = 0.72

/** Runs where a large letter that a paragraph begins with, over several lines, stands in front of the first of them. */
export const withDropCaps = (runs: ReadonlyArray<TextRun>): ReadonlyArray<TextRun> => {
  const joined = new Map<TextRun, TextRun>()
  const gone = new Set<TextRun>()
  for (const cap of runs) {
    if (!/^["“‘]?\p{Lu}$/u.test(cap.text)) continue
    const top = cap.v - capitals * cap.size
    const first = runs.find((run) =>
      run.size * larger <= cap.size && /^\p{L}/u.test(run.text) && run.u0 >= cap.u1 - 0.3 * run.size &&
      run.u0 - cap.u1 < run.size && Math.abs(run.v - capitals * run.size - top) < 0.6 * run.size &&
      // It reaches down over the second line, or it would be a letter of a heading.
      cap.v - run.v > 0.8 * run.size
    )
    if (first === undefined || joined.has(first)) continue
    joined.set(first, { ...first, text: cap.text + first.text })
    gone.add(cap)
  }
  return gone.size === 0 ? runs : runs.filter((run) => !gone.has(run)).map((run) => joined.get(run) ?? run)
}
