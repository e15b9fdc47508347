import type { ChunkingSettings } from "@sheaf/domain/datasets/Dataset"
import type { Element } from "@sheaf/domain/documents/Element"
import type { CountTokens, Warn } from "@sheaf/adapters/chunking/Chunker"
import { chunk } from "@sheaf/adapters/chunking/chunkers"
import { Effect, Stream } from "effect"

/** Words and marks, long words in pieces of six, and two special tokens: much like a WordPiece tokenizer. */
export const wordTokens = (text: string): number => {
  let tokens = 2
  for (const [word] of text.matchAll(/[\p{L}\p{M}]+|\p{N}+|[^\s]/gu)) tokens += Math.ceil(word.length / 6)
  return tokens
}

/** A tokenizer whose counts do not add up: one more or less by what stands in the whole text. */
export const fickleTokens = (text: string): number => {
  let sum = 7
  for (let i = 0; i < text.length; i++) sum = (sum * 31 + text.charCodeAt(i)) >>> 0
  return 3 + Math.ceil(text.length / 4) + (sum % 3) - 1
}

export const counting = (tokens: (text: string) => number): CountTokens<never> => (texts) =>
  Effect.sync(() => texts.map(tokens))

/** All segments of a document in memory. */
export const segmentsOf = (
  elements: ReadonlyArray<Element>,
  options: {
    readonly settings?: ChunkingSettings
    readonly limit?: number
    readonly tokens?: (text: string) => number
    readonly arriving?: number
    readonly warn?: Warn
  } = {}
) =>
  Stream.runCollect(chunk(
    Stream.fromIterable(elements).pipe(Stream.rechunk(options.arriving ?? 4_096)),
    options.settings ?? { method: "general" },
    { maxTokens: options.limit ?? 512 },
    counting(options.tokens ?? wordTokens),
    options.warn
  ))

export const title = (level: number, text: string): Element => ({ kind: "title", level, text, boxes: [] })

/** A table; `boxes`: one a row. */
export const tableOf = (rows: ReadonlyArray<ReadonlyArray<string>>, boxes: Element["boxes"] = []): Element => ({
  kind: "table",
  text: rows.map((row) => row.join(" | ")).join("\n"),
  rows,
  boxes
})

export const paragraph = (text: string): Element => ({ kind: "paragraph", text, boxes: [] })

/** Numbers that look random and are the same each time (Numerical Recipes' linear congruence). */
export const dice = (seed: number) => {
  let state = seed >>> 0
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const syllables = ["ba", "con", "der", "fi", "lu", "mer", "nos", "pa", "quin", "ro", "sta", "tel", "vor", "zi"]

/** Sentences of made-up words, `words` of them in all. */
export const prose = (roll: (below: number) => number, words: number): string => {
  const made = Array.from({ length: words }, (_, i) => {
    const word = Array.from({ length: 1 + roll(3) }, () => syllables[roll(syllables.length)]).join("")
    return i % 12 === 11 ? `${word}.` : i % 12 === 0 ? word[0]!.toUpperCase() + word.slice(1) : word
  })
  return made.join(" ")
}
