import { maxTermLength, normalise, stem } from "./normalise.ts"
import { stopWords } from "./stopWords.ts"

/** A term where it stands in the text. */
export interface Occurrence {
  readonly term: string
  /** UTF-16 units, end exclusive. */
  readonly start: number
  readonly end: number
  /** The word before stemming. */
  readonly word: string
  /** Written in capitals only. */
  readonly capitals: boolean
}

/** Words keep their combining marks, soft hyphens and joiners. An underscore is part of an identifier. */
const wordPattern = /[\p{L}\p{M}\p{N}_][\p{L}\p{M}\p{N}_\u00ad\u200c\u200d]*/gu

/** Scripts that put no space between words, and Hangul, whose particles are joined to the word. */
const unspaced =
  "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\uac00-\ud7af\u0e00-\u0eff\u1780-\u17ff\u1000-\u109f\u{20000}-\u{3ffff}"
const hasUnspaced = new RegExp(`[${unspaced}]`, "u")
const runPattern = new RegExp(`[${unspaced}]+|[^${unspaced}]+`, "gu")

/** Where an identifier has a joint: `runTarget`, `HTTPServer`, `run_target`. */
const joint = /_+|(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u

/** Most words: no joints, no capitals, nothing to segment. */
const plain = /^[A-Z]?[a-z0-9]+$/

/**
 * Every term of a text with its place. Words are stemmed; identifiers give themselves and their parts; scripts without spaces give
 * every character and every pair of neighbours.
 */
export function* occurrences(text: string): Generator<Occurrence> {
  for (const { 0: word, index } of text.matchAll(wordPattern)) {
    if (word.length <= maxTermLength && plain.test(word)) {
      const normal = word.toLowerCase()
      yield { term: stem(normal), start: index, end: index + word.length, word: normal, capitals: false }
      continue
    }
    if (!hasUnspaced.test(word)) {
      yield* ofWord(word, index)
      continue
    }
    for (const { 0: run, index: offset } of word.matchAll(runPattern)) {
      yield* hasUnspaced.test(run) ? ofRun(run, index + offset) : ofWord(run, index + offset)
    }
  }
}

function* ofWord(text: string, start: number): Generator<Occurrence> {
  const end = start + text.length
  const parts = text.length > maxTermLength ? [text] : text.split(joint).filter((part) => part !== "")
  if (parts.length === 0) return
  const whole = at(parts.length === 1 ? parts[0]! : text.replace(/^_+|_+$/g, ""), start, end)
  yield whole
  if (parts.length === 1) return
  let from = start
  for (const part of parts) {
    const place = text.indexOf(part, from - start) + start
    from = place + part.length
    const occurrence = at(part, place, from)
    if (!stopWords.has(occurrence.word)) yield occurrence
  }
}

const at = (text: string, start: number, end: number): Occurrence => {
  const word = normalise(text)
  return { term: stem(word), start, end, word, capitals: /^\p{Lu}{2,}$/u.test(text) }
}

function* ofRun(run: string, start: number): Generator<Occurrence> {
  const normal = normalise(run)
  const characters = [...normal]
  // Half-width forms change their number when normalised: then the run as a whole is the place.
  const exact = normal.length === run.length
  let from = 0
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!
    const pair = i + 1 < characters.length ? character + characters[i + 1]! : undefined
    const place = (length: number) => ({
      start: exact ? start + from : start,
      end: exact ? start + from + length : start + run.length,
      capitals: false
    })
    yield { term: character, word: character, ...place(character.length) }
    if (pair !== undefined) yield { term: pair, word: pair, ...place(pair.length) }
    from += character.length
  }
}
