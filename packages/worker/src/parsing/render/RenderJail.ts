import type { Box, Element } from "@sheaf/domain/documents/Element"
import { Context, type Effect, type Stream } from "effect"
import type { JailInput, ParseRejected } from "../jail/ParserJail.ts"

export interface DrawOptions {
  /** Default PNG. */
  readonly mediaType?: PictureType | undefined
  /** Pixels an inch; fewer where a region would get more pixels than one picture may have. Default 150. */
  readonly dpi?: number | undefined
}

export type PictureType = "image/png" | "image/webp"

/** How a region looks. */
export interface Picture {
  readonly box: Box
  readonly mediaType: PictureType
  readonly bytes: Uint8Array
}

/** What was found on the picture of a page. */
export interface RecognisedPage {
  readonly page: number
  /** Nothing is drawn on it. */
  readonly blank: boolean
  /** Paragraphs in reading order, a box for each line. None where there is no text, or none that can be read with confidence. */
  readonly elements: ReadonlyArray<Element>
  /** 0 to 100: how sure it is of the text that was taken. 0 where none was. */
  readonly confidence: number
}

/**
 * Draws pages of PDFs, and reads what is written on them, in processes of their own: they may load native code, and parsers may not.
 * Otherwise as in the jail of parsers: whatever a file does to it, this process goes on, the outcome is a `FailureCause`, and work that is
 * interrupted is killed at once.
 */
export class RenderJail extends Context.Service<RenderJail, {
  /** Languages that `recognise` knows, by their ISO 639-2 codes. None: pages are not to be read. */
  readonly languages: ReadonlyArray<string>
  /** Pictures of regions, in the order asked for; drawn no faster than they are taken. Boxes may reach over the edge: that part is white. */
  readonly regions: (
    input: JailInput,
    boxes: ReadonlyArray<Box>,
    options?: DrawOptions
  ) => Stream.Stream<Picture, ParseRejected>
  /** The text on a page, by looking at it. Takes seconds: ask page by page, and let others in between. */
  readonly recognise: (input: JailInput, page: number) => Effect.Effect<RecognisedPage, ParseRejected>
}>()("@sheaf/worker/parsing/render/RenderJail") {}
