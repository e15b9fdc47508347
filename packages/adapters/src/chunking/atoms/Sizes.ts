import { type ChunkingSettings, chunkingShares } from "@sheaf/domain/datasets/Dataset"
import { Effect } from "effect"
import type { ChunkLimits, CountTokens } from "../Chunker.ts"

type GeneralSettings = Omit<Extract<ChunkingSettings, { readonly method: "general" }>, "method">

/**
 * The settings in one unit that can be summed. Tokens of a joined text are about the sum of its parts' without the special tokens of
 * each; what is decided by sums is counted again on the final text.
 */
export interface Sizes {
  /** Most tokens of what is embedded of a segment. */
  readonly maxTokens: number
  /** Most UTF-16 units of a segment's text: `Infinity` where tokens are the unit. */
  readonly maxCharacters: number
  readonly capacity: number
  readonly soft: number
  readonly combineUnder: number
  readonly overlap: number
  readonly sizeOf: (text: string, tokens: number) => number
  /** Whether a text can be a segment by itself. */
  readonly fits: (text: string, tokens: number) => boolean
}

/**
 * Fewest tokens that a text counts as. A tokenizer that does not speak a language takes a page of it for one unknown word; segments shall
 * not grow with its ignorance. Below what tokenizers that do speak it give: a token for 12 units of an alphabet, 2 of Chinese, Japanese or
 * Korean, 5 of anything else.
 */
const leastTokens = (text: string): number => {
  let sum = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    sum += unit < 0x0900 ? 5 : unit < 0x2e80 || unit >= 0xd800 ? 12 : 30
  }
  return Math.floor(sum / 60)
}

interface SizeOptions {
  readonly limits: ChunkLimits
  /** Texts count for as much as `leastTokens` says. */
  readonly hasFloor: boolean
}

const defaultMax = 512

const probes = ["a", "a a", "a\n\na"] as const

/** Characters are UTF-16 units: what `length` of a string says, and never less than code points or graphemes. */
export const makeSizes = <E>(
  settings: GeneralSettings,
  { hasFloor, limits }: SizeOptions,
  countTokens: CountTokens<E>
): Effect.Effect<Sizes, E> =>
  Effect.map(countTokens(probes), ([one = 1, two = 2, apart = 2]) => {
    // Tokens that every text has on top, and those of a blank line.
    const special = Math.min(8, Math.max(0, 2 * one - two))
    const blank = Math.min(4, Math.max(0, apart - two))
    const isCharacters = settings.unit === "characters"
    const wanted = settings.maxTokens ?? defaultMax
    const maxTokens = isCharacters ? limits.maxTokens : Math.min(wanted, limits.maxTokens)
    const room = Math.max(1, maxTokens - special)
    const capacity = isCharacters ? wanted : room
    const weight = capacity / room
    const softShare = chunkingShares.softMaxTokens[settings.unit ?? "tokens"]
    const soft = Math.min(capacity, settings.softMaxTokens ?? Math.floor(capacity * softShare))
    const maxCharacters = isCharacters ? wanted : Number.POSITIVE_INFINITY
    const floorOf = hasFloor && !isCharacters ? leastTokens : () => 0
    return {
      maxTokens,
      maxCharacters,
      capacity,
      soft,
      combineUnder: Math.min(soft, settings.combineUnder ?? Math.floor(capacity * chunkingShares.combineUnder)),
      overlap: Math.min(settings.overlap ?? 0, Math.floor(capacity / 3)),
      sizeOf: (text, tokens) => {
        const own = Math.max(1, tokens - special, floorOf(text)) + blank
        return isCharacters ? Math.max(text.length + 2, Math.ceil(own * weight)) : own
      },
      fits: (text, tokens) => tokens <= maxTokens && text.length <= maxCharacters && floorOf(text) <= capacity
    }
  })
