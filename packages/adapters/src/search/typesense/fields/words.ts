import { createHash } from "node:crypto"

/** A frequency above this is written as this. */
const mostFrequent = 255

const plain = /^[a-wyz0-9][a-z0-9]{0,39}$/

/**
 * A term as a word that the engine takes as it is. Its tokenizer folds case and accents, drops symbols, splits some scripts and cuts words
 * at 100 bytes: whatever is not short, plain ASCII goes by its hash, behind an `x` (so plain terms with an `x` in front do as well).
 */
export const wordOf = (term: string): string =>
  plain.test(term) ? term : `x${createHash("sha256").update(term).digest("hex").slice(0, 24)}`

/** Words with their frequencies in one short text: `turbin:2 valv`. */
export const packFrequencies = (frequencies: ReadonlyMap<string, number>): string => {
  const packed: Array<string> = []
  for (const [word, frequency] of frequencies) {
    packed.push(frequency === 1 ? word : `${word}:${Math.min(mostFrequent, frequency)}`)
  }
  return packed.join(" ")
}

export const unpackFrequencies = (packed: string): ReadonlyMap<string, number> => {
  const frequencies = new Map<string, number>()
  if (packed === "") return frequencies
  for (const one of packed.split(" ")) {
    const colon = one.indexOf(":")
    if (colon === -1) frequencies.set(one, 1)
    else frequencies.set(one.slice(0, colon), Number(one.slice(colon + 1)))
  }
  return frequencies
}

/** The terms of an entry as words. Two terms never share a word. */
export const wordsOf = (terms: ReadonlyMap<string, number>): ReadonlyMap<string, number> => {
  const words = new Map<string, number>()
  for (const [term, frequency] of terms) words.set(wordOf(term), frequency)
  return words
}
