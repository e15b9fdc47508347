import { Box } from "@sheaf/domain/documents/Element"
import { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { Schema } from "effect"

/** What a process is asked for, once. */
export const PdfRequest = Schema.TaggedUnion({
  /** A PDF of the pages that the boxes stand on, in order, with the boxes highlighted. */
  Cite: { path: Schema.String, boxes: Schema.Array(Box), maxPages: Schema.Int },
  /** The first page as WebP, so many pixels wide. */
  Render: { path: Schema.String, width: Schema.Int }
})
export type PdfRequest = typeof PdfRequest.Type

/** The first line of its answer; after `Done` come the bytes. */
export const PdfReply = Schema.TaggedUnion({
  Done: {},
  Failed: { cause: FailureCause }
})
export type PdfReply = typeof PdfReply.Type
