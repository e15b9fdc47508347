import type { Element } from "@sheaf/domain/documents/Element"
import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import type { Sha256 } from "@sheaf/domain/ids"

/** A failure that the content is to blame for; parsers throw it, the jail hands it on as data. */
export class ParseFailure extends Error {
  readonly failure: FailureCause
  constructor(failure: FailureCause) {
    super(failure._tag)
    this.failure = failure
  }
}

/** Pages from `first` to `last`, both included, counted from 1. */
export interface PageRange {
  readonly first: number
  readonly last: number
}

export interface ParseInput {
  /** A local copy of the bytes, for reading only. */
  readonly path: string
  readonly mediaType: string
  /** As sent by the client; a hint where the content says nothing (code, Markdown). */
  readonly name: string
  readonly password?: string | undefined
}

/** What a document is, found without parsing all of it. */
export interface Inspection {
  readonly mediaType: string
  /** 0 where the format has no pages: such a document is one unit of work. */
  readonly pages: number
}

/** A part that could not be read and was left out; the rest stands. `page` is null where the format has none. */
export interface ParseWarning {
  readonly page: number | null
  readonly detail: string
}

/** Bytes that a parser finds in a document: a picture, an attached file. */
export interface FoundAsset {
  readonly bytes: Uint8Array
  readonly mediaType: string
  /** What it is called in the document, if it has a name there. */
  readonly name?: string | undefined
}

/** Where a parser says what is no element. */
export interface ParseOutput {
  readonly warn: (warning: ParseWarning) => void
  /** Hands out bytes, and answers the hash by which an element given later refers to them. The same bytes twice are handed out once. */
  readonly asset: (asset: FoundAsset) => Promise<Sha256>
}

/**
 * One format. Runs inside the jail: plain synchronous or promise code, no Effect, no network, no writing. Gives elements in reading
 * order as soon as it has them; memory stays bounded by a page, not by the document. What it gives for a page depends on the
 * document alone, never on where ranges begin. Its texts need no cleaning: the host does that for all formats (`tidy.ts`).
 */
export interface Parser {
  readonly inspect: (input: ParseInput) => Promise<Inspection>
  readonly parse: (
    input: ParseInput,
    range: PageRange | null,
    output: ParseOutput
  ) => AsyncIterable<Element>
}
