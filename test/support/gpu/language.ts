import { createHash } from "node:crypto"

// A model that knows words, and nothing else: what it makes of a text depends on the text alone, so that searches make sense and every
// process gives the same.

/** Longest piece of a word, in characters. */
const pieceLength = 8

const words = (text: string): ReadonlyArray<string> =>
  text.toLowerCase().match(/[\p{L}\p{N}\p{M}]+|[^\s\p{L}\p{N}\p{M}]/gu) ?? []

/** Pieces of words and single signs, as a tokenizer gives them, with start and end. */
export const tokensOf = (text: string): ReadonlyArray<string> => [
  "[CLS]",
  ...words(text).flatMap((word) => {
    const symbols = [...word]
    return Array.from(
      { length: Math.ceil(symbols.length / pieceLength) },
      (_, i) => symbols.slice(i * pieceLength, (i + 1) * pieceLength).join("")
    )
  }),
  "[SEP]"
]

/** A direction of its own for every word of a model: eight of its dimensions, up or down. */
const directions = new Map<string, ReadonlyArray<readonly [at: number, value: number]>>()

const directionOf = (word: string, model: string, dimension: number) => {
  const key = `${model}\u0000${dimension}\u0000${word}`
  const known = directions.get(key)
  if (known !== undefined) return known
  const digest = createHash("sha256").update(key).digest()
  const found = Array.from({ length: 8 }, (_, i) => {
    const bits = digest.readUInt32LE(i * 4)
    return [bits % dimension, (bits & 0x80000000) === 0 ? 1 : -1] as const
  })
  if (directions.size > 100_000) directions.clear()
  directions.set(key, found)
  return found
}

/** Words that say little count little. */
const weightOf = (word: string): number => word.length <= 3 ? 0.3 : 1

/** The sum of the directions of a text's words, of length 1. */
export const vectorOf = (text: string, model: string, dimension: number): Float32Array => {
  const vector = new Float32Array(dimension)
  // No text is without a direction.
  for (const word of ["\u0001", ...words(text)]) {
    const weight = word === "\u0001" ? 0.1 : weightOf(word)
    for (const [at, value] of directionOf(word, model, dimension)) vector[at]! += value * weight
  }
  const length = Math.hypot(...vector) || 1
  return vector.map((value) => value / length)
}

/** How well a text answers a question, from 0 to 1: the share of the question's words that it has. */
export const relevance = (question: string, text: string): number => {
  const asked = new Set(words(question).filter((word) => word.length > 3))
  const told = new Set(words(text))
  const shared = [...asked].filter((word) => told.has(word)).length
  return asked.size === 0 ? 0 : shared / asked.size
}
