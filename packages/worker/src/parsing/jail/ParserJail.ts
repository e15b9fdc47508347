import type { Element } from "@sheaf/domain/documents/Element"
import { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { Context, type Effect, type Redacted, Schema, type Stream } from "effect"
import type { Inspection, PageRange, ParseWarning } from "../Parser.ts"

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

/**
 * Runs parsers in processes of their own: whatever a file does to its parser, this process goes on, and the outcome is a
 * `FailureCause`. Work that is interrupted is killed at once.
 */
export class ParserJail extends Context.Service<ParserJail, {
  /** Finds out what the file is, by its content, and how many pages it has. */
  readonly inspect: (input: JailInput) => Effect.Effect<Inspection, ParseRejected>
  /**
   * Elements in reading order, of all pages or of a range; parsed no faster than they are taken. What a page gives does not depend on
   * the range it is asked for in. Ranges of one file go well one after another or in parallel. `onWarning` hears of parts left out.
   * No element at all means that there is no text.
   */
  readonly parse: (
    input: JailInput,
    range: PageRange | null,
    onWarning?: (warning: ParseWarning) => Effect.Effect<void>
  ) => Stream.Stream<Element, ParseRejected>
}>()("@sheaf/worker/parsing/jail/ParserJail") {}
