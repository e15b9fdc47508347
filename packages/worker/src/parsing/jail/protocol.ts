import { Element } from "@sheaf/domain/documents/Element"
import { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { Sha256 } from "@sheaf/domain/ids"
import { Schema } from "effect"
import type { PageRange } from "../Parser.ts"
import type { RowsWish } from "../rows/FilePart.ts"

// The host imports types alone from here: it starts without loading Effect.

/** What the jail's process is told, one JSON line each on its standard input. */
export type JailRequest =
  & {
    readonly path: string
    readonly name: string
    /** The media type that text is to be read as, whatever it looks like. */
    readonly textAs?: string | undefined
    readonly password?: string | undefined
  }
  & (
    | { readonly op: "inspect" }
    | { readonly op: "parse"; readonly range: PageRange | null }
    | { readonly op: "rows" } & RowsWish
  )

/**
 * What it answers, one JSON line each on descriptor 3 (standard output stays free for what libraries print). `Inspected`, `Failed`
 * and `Done` end a request.
 */
export const JailReply = Schema.TaggedUnion({
  Inspected: { mediaType: Schema.String, pages: Schema.Int },
  Elements: { elements: Schema.Array(Element) },
  /** An asset begins; `AssetPart`s follow until it has all of its bytes. */
  Asset: { hash: Sha256, mediaType: Schema.String, name: Schema.optionalKey(Schema.String), size: Schema.Int },
  AssetPart: { base64: Schema.String },
  /** What a file has for columns, before its rows. */
  Columns: { names: Schema.Array(Schema.String), count: Schema.Int, missing: Schema.NullOr(Schema.String) },
  Rows: {
    rows: Schema.Array(Schema.Struct({
      number: Schema.Int,
      values: Schema.Array(Schema.NullOr(Schema.String)),
      problem: Schema.optionalKey(Schema.String)
    }))
  },
  Warned: { page: Schema.NullOr(Schema.Int), detail: Schema.String },
  Failed: { failure: FailureCause },
  Done: {}
})
export type JailReply = typeof JailReply.Type
