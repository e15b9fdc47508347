import type { Element } from "@sheaf/domain/documents/Element"
import { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { Context, type Effect, type Redacted, Schema, type Stream } from "effect"
import type { Inspection, PageRange, ParseWarning } from "../Parser.ts"
import type { FilePart, RowsWish } from "../rows/FilePart.ts"
import type { ParsedAsset } from "./AssetAssembly.ts"

/** The input got no parse; `cause` is what the run is to fail with. */
export class ParseRejected extends Schema.TaggedError<ParseRejected>()("ParseRejected", { cause: FailureCause }) {}

export interface JailInput {
  /** A local file inside one of the jail's input folders. */
  readonly path: string
  /** As sent by the client. */
  readonly name: string
  /** The media type that text is to be read as, whatever it looks like. What is no text is read as what it is. */
  readonly textAs?: string | undefined
  readonly password?: Redacted.Redacted<string> | undefined
}

/** Who hears of what is no element, in the order in which it comes: an asset before the first element that refers to it. */
export interface Listeners<E = never> {
  /** Of parts left out. */
  readonly onWarning?: ((warning: ParseWarning) => Effect.Effect<void>) | undefined
  readonly onAsset?: ((asset: ParsedAsset) => Effect.Effect<void, E>) | undefined
}

/**
 * Runs parsers in processes of their own: whatever a file does to its parser, this process goes on, and the outcome is a
 * `FailureCause`. Work that is interrupted is killed at once.
 */
export class ParserJail extends Context.Service<ParserJail, {
  /** Finds out what the file is, by its content, and how many pages it has. */
  readonly inspect: (input: JailInput) => Effect.Effect<Inspection, ParseRejected>
  /**
   * Elements in reading order, of all pages or of a range; parsed no faster than they are taken. What a page gives does not depend on
   * the range it is asked for in. Ranges of one file go well one after another or in parallel. No element at all means that there is no text.
   */
  readonly parse: <E = never>(
    input: JailInput,
    range: PageRange | null,
    listeners?: Listeners<E>
  ) => Stream.Stream<Element, ParseRejected | E>
  /** The rows of a file that holds some, behind what it has for columns; read no faster than they are taken. */
  readonly rows: (input: JailInput, wish: RowsWish) => Stream.Stream<FilePart, ParseRejected>
}>()("@sheaf/worker/parsing/jail/ParserJail") {}
