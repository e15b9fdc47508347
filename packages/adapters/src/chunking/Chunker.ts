import type { ChunkingSettings } from "@sheaf/domain/datasets/Dataset"
import type { AssetRef, Box, Element } from "@sheaf/domain/documents/Element"
import type { Metadata } from "@sheaf/domain/documents/Metadata"
import { type Effect, Schema, type Stream } from "effect"

/** A segment before it has an identity. */
export interface SegmentDraft {
  /** Its blocks, joined by blank lines. The title of a section is the first block of the section's first segment. */
  readonly text: string
  /** Titles above it, outermost first, without those that stand in `text`; shortened from the outside where they take too much. */
  readonly headingPath: ReadonlyArray<string>
  /** As the tokenizer counts what is embedded (`embeddedText`); never over the limit. */
  readonly tokens: number
  readonly boxes: ReadonlyArray<Box>
  /** Of the elements that it was made of, each once. */
  readonly assets: ReadonlyArray<AssetRef>
  /**
   * A `parent` is read and not searched: it is not embedded, and has a limit of its own. What follows it as a `child` is what it is found
   * by, up to the next parent.
   */
  readonly family?: "parent" | "child"
  /** What tells it from others of the same text, such as the question that an answer belongs to. */
  readonly key?: string
  /** What is known of it by name, such as the cells of a table's row. */
  readonly fields?: Metadata
}

/** Hears what had to be left out, and why; people read it with the run. */
export type Warn = (detail: string) => void

/** Counts tokens of many texts in one go: it may be a thread or a server away. */
export type CountTokens<E> = (texts: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<number>, E>

/** The space's own limit; settings cannot raise it. */
export interface ChunkLimits {
  readonly maxTokens: number
}

/** One single character has more tokens than a segment may have: nothing is left to cut. The settings or the space are to blame. */
export class LimitTooSmall extends Schema.TaggedError<LimitTooSmall>()("LimitTooSmall", {
  text: Schema.String,
  tokens: Schema.Finite,
  limit: Schema.Finite
}) {
  override get message(): string {
    return `${JSON.stringify(this.text)} alone has ${this.tokens} tokens, and a segment may have ${this.limit}.`
  }
}

/**
 * One way to cut a document. Pure but for the counting of tokens; streaming, so that memory is bounded by a few segments and the longest
 * element; yields often enough to be run beside other work. Never splits a grapheme that fits into a segment (one that does not is cut
 * between its code points); boundaries depend on what stands near them, so that an insertion changes few segments.
 */
export interface Chunker<Method extends ChunkingSettings["method"]> {
  readonly method: Method
  readonly chunk: <E, E2>(
    elements: Stream.Stream<Element, E>,
    settings: Extract<ChunkingSettings, { readonly method: Method }>,
    limits: ChunkLimits,
    countTokens: CountTokens<E2>,
    warn: Warn
  ) => Stream.Stream<SegmentDraft, E | E2 | LimitTooSmall>
}
