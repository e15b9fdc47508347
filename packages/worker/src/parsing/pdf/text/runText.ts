import { keepsHyphen } from "./hyphens.ts"
import type { TextRun } from "./pageText.ts"

const rightToLeft = /\p{Script=Arabic}|\p{Script=Hebrew}|\p{Script=Syriac}|\p{Script=Thaana}/gu
const leftToRight =
  /\p{Script=Latin}|\p{Script=Greek}|\p{Script=Cyrillic}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Devanagari}/gu

/** Scripts written without spaces; Korean is not one of them. */
const unspaced = "\\u2e80-\\u303f\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\uff00-\\uffef"
const spaceInside = new RegExp(`(?<=[${unspaced}])[\\s\\u3000]+(?=[${unspaced}])`, "gu")
const endsUnspaced = new RegExp(`[${unspaced}]$`, "u")
const startsUnspaced = new RegExp(`^[${unspaced}]`, "u")
const hasUnspaced = new RegExp(`[${unspaced}]`, "u")

export const isRightToLeft = (text: string): boolean => {
  const fromRight = text.match(rightToLeft)?.length ?? 0
  return fromRight > 0 && fromRight > (text.match(leftToRight)?.length ?? 0)
}

/** The text of runs on one line, in logical order, with spaces where there is room for one. */
export const joinRuns = (runs: ReadonlyArray<TextRun>): string => {
  if (runs.length === 1) return polish(runs[0]!.text)
  const sorted = [...runs].sort((a, b) => a.u0 - b.u0)
  const ordered = runs.some((run) => run.rtl) && isRightToLeft(runs.map((run) => run.text).join("")) ?
    rightFirst(sorted) :
    sorted
  let text = ""
  let before: TextRun | null = null
  for (const run of ordered) {
    if (before !== null) text += needsSpace(before, run) ? " " : raised(before, run)
    text += run.text
    before = run
  }
  return polish(text)
}

/** From right to left, but stretches of left-to-right text (numbers, names) in their own order. */
const rightFirst = (sorted: ReadonlyArray<TextRun>): ReadonlyArray<TextRun> => {
  const ordered: Array<TextRun> = []
  let inner: Array<TextRun> = []
  for (const run of sorted.toReversed()) {
    if (run.rtl || !/[\p{L}\p{N}]/u.test(run.text)) {
      ordered.push(...inner.toReversed(), run)
      inner = []
    } else inner.push(run)
  }
  return [...ordered, ...inner.toReversed()]
}

const needsSpace = (before: TextRun, run: TextRun): boolean => {
  const size = Math.min(before.size, run.size)
  const gap = Math.max(run.u0 - before.u1, before.u0 - run.u1)
  if (gap > 0.12 * size || run.space && gap > 0.05 * size) return true
  // From a Latin word to an Arabic one the room is often lost in the turn.
  return run.rtl && !before.rtl && /\p{Script=Latin}$/u.test(before.text)
}

/** Raised numbers: powers are written with a sign, marks of notes stand apart from words but not from units (m2). */
const raised = (before: TextRun, run: TextRun): string => {
  const [lift, size] = [before.v - run.v, Math.max(before.size, run.size)]
  if (lift > 0.15 * size && run.size < 0.85 * before.size && /^\d+/.test(run.text)) {
    return /\d$/.test(before.text) ? "^" : /\p{L}{3}$/u.test(before.text) ? " " : ""
  }
  const ends = lift < -0.15 * size && before.size < 0.85 * run.size && /\d$/.test(before.text)
  return ends && /^\p{L}{2}/u.test(run.text) ? " " : ""
}

/** Private-use characters that symbol fonts use for bullets. */
const bullets = /[\uf0a7\uf0b7\uf0d8\uf06e\uf076\uf0fc]/g
/** Letters as they are printed (Latin ligatures, Arabic in its joined shapes) rather than as they are written. */
const ligatures = /[\ufb00-\ufb4f\ufb50-\ufdff\ufe10-\ufe4f\ufe70-\ufefc]+/g

const polish = (text: string): string => {
  // Most lines are plain: nothing to do.
  // oxlint-disable-next-line no-control-regex
  if (/^[\u0020-\u007e]*$/.test(text)) return text.trim()
  const clean = text.replace(bullets, "•").replace(/\p{Co}/gu, "").replace(
    ligatures,
    (letters) => letters.normalize("NFKC")
  )
    // Quotes of two signs each.
    .replace(/\u2018\u2018/g, "\u201c").replace(/\u2019\u2019/g, "\u201d").replace(/\s+/g, " ")
  return (hasUnspaced.test(clean) ? clean.replace(spaceInside, "") : clean).trim()
}

const noWords: ReadonlySet<string> = new Set()

/**
 * Two lines of one paragraph: hyphens at the end go, unless the word is written with one (`compounds` are such words of the document),
 * and scripts without spaces get none.
 */
export const joinLines = (first: string, second: string, compounds: ReadonlySet<string> = noWords): string => {
  if (first === "" || second === "") return first + second
  if (first.endsWith("\u00ad")) return first.slice(0, -1) + second
  if (/\p{L}[-\u2010]$/u.test(first) && /^\p{Ll}/u.test(second)) {
    return keepsHyphen(first, second, compounds) ? first + second : first.slice(0, -1) + second
  }
  if (/[-/\u2010]$/.test(first) && /[\p{L}\p{N}][-/\u2010]$/u.test(first)) return first + second
  if (endsUnspaced.test(first) && startsUnspaced.test(second)) return first + second
  return `${first} ${second}`
}
