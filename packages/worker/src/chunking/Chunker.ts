import type { ChunkingSettings } from "@sheaf/domain/datasets/Dataset"
import type { Box, Element } from "@sheaf/domain/documents/Element"
import type { Effect, Stream } from "effect"

/** A segment before it has an identity. */
export interface SegmentDraft {
  readonly text: string
  readonly headingPath: ReadonlyArray<string>
  /** As the tokenizer counts `text`; never over the limit. */
  readonly tokens: number
  readonly boxes: ReadonlyArray<Box>
}

/** Counts tokens of many texts in one go: it may be a thread or a server away. */
export type CountTokens<E> = (texts: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<number>, E>

/** The space's own limit; settings cannot raise it. */
export interface ChunkLimits {
  readonly maxTokens: number
}

/**
 * One way to cut a document. Pure but for the counting of tokens; streaming, so that memory is bounded by a section; never splits a
 * grapheme; boundaries depend on what stands near them, so that an insertion changes few segments.
 */
export interface Chunker<Method extends ChunkingSettings["method"]> {
  readonly method: Method
  readonly chunk: <E, E2>(
    elements: Stream.Stream<Element, E>,
    settings: Extract<ChunkingSettings, { readonly method: Method }>,
    limits: ChunkLimits,
    countTokens: CountTokens<E2>
  ) => Stream.Stream<SegmentDraft, E | E2>
}
