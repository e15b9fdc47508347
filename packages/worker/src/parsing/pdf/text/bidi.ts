const rightToLeft =
  /[\u0590-\u05ff\u0600-\u065f\u066a-\u06ef\u06fa-\u07ff\u0800-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u
const leftToRight = /\p{L}/u
const digit = /\p{Nd}/u

/** Whether a text has letters that are written from the right. */
export const hasRightToLeft = (text: string): boolean => rightToLeft.test(text)

/** Share of right-to-left letters from which a line is one of such a script: names and numbers may be long. */
const share = 0.3

/** Whether these letters, in whatever order, make a line that is read from the right. */
export const readsFromRight = (pieces: ReadonlyArray<string>): boolean =>
  pieces.reduce((count, piece) => count + (rightToLeft.test(piece) ? 1 : 0), 0) >= share * pieces.length

type Kind = "right" | "left" | "digit" | "other"

const kindOf = (piece: string): Kind =>
  rightToLeft.test(piece) ? "right" : leftToRight.test(piece) ? "left" : digit.test(piece) ? "digit" : "other"

/**
 * What glyphs say in logical order, given them as they stand on the page from left to right. A glyph of several letters (lam and alef)
 * keeps their order. Numbers and names inside of a right-to-left line keep theirs, and a right-to-left word in another line is turned.
 */
export const logicalOrder = (pieces: ReadonlyArray<string>): ReadonlyArray<string> => {
  const kinds = pieces.map(kindOf)
  if (!kinds.includes("right")) return pieces
  if (!readsFromRight(pieces)) return turned(pieces, stretches(kinds, rightStretch))
  const kept = turned(pieces, stretches(kinds, leftStretch))
  return kept.toReversed()
}

interface Stretch {
  readonly from: number
  readonly to: number
}

/** Stretches that begin where `end` finds one; `end` answers the index behind it, or the same where there is none. */
const stretches = (
  kinds: ReadonlyArray<Kind>,
  end: (kinds: ReadonlyArray<Kind>, from: number) => number
): ReadonlyArray<Stretch> => {
  const found: Array<Stretch> = []
  for (let at = 0; at < kinds.length;) {
    const to = end(kinds, at)
    if (to > at) found.push({ from: at, to })
    at = Math.max(to, at + 1)
  }
  return found
}

/** From one right-to-left letter to the last one before letters of another kind. */
const rightStretch = (kinds: ReadonlyArray<Kind>, from: number): number => {
  if (kinds[from] !== "right") return from
  let to = from
  for (let at = from; at < kinds.length && kinds[at] !== "left" && kinds[at] !== "digit"; at++) {
    if (kinds[at] === "right") to = at + 1
  }
  return to
}

/** Names with what is between their words, and numbers with a single sign between their digits (12.5, 3/4). */
const leftStretch = (kinds: ReadonlyArray<Kind>, from: number): number => {
  if (kinds[from] !== "left" && kinds[from] !== "digit") return from
  let to = from
  let named = false
  for (let at = from; at < kinds.length && kinds[at] !== "right"; at++) {
    if (kinds[at] === "other") continue
    if (kinds[at] === "left") named = true
    if (!named && at - to > 1) break
    to = at + 1
  }
  return to
}

const turned = (pieces: ReadonlyArray<string>, parts: ReadonlyArray<Stretch>): ReadonlyArray<string> => {
  const result = [...pieces]
  for (const { from, to } of parts) {
    for (let at = from; at < to; at++) result[at] = pieces[from + to - 1 - at]!
  }
  return result
}
