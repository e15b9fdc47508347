import { Schema } from "effect"
import { Sha256 } from "../ids.ts"

/**
 * Where on a page something stands: fractions (0 to 1) of the page as displayed (rotation applied), origin at the top left.
 * `page` counts from 1.
 */
export const Box = Schema.Struct({
  page: Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)),
  /** What the document calls the page (`iv`, `A-1`), where that is not its number. */
  pageLabel: Schema.optionalKey(Schema.String),
  x0: Schema.Finite,
  y0: Schema.Finite,
  x1: Schema.Finite,
  y1: Schema.Finite
})
export type Box = typeof Box.Type

/** Bytes that belong to an element, stored once for each document by what they are. */
export const AssetRef = Schema.Struct({
  hash: Sha256,
  /** `image`: a picture in the document. `table`: how a table looks on its page. `page`: how a page looks. `attachment`: a file within the file. */
  role: Schema.Literals(["image", "table", "page", "attachment"])
})
export type AssetRef = typeof AssetRef.Type

/** What a parser gives: one block of a document in reading order. */
export const Element = Schema.Struct({
  kind: Schema.Literals(["title", "paragraph", "list", "table", "code", "caption", "image"]),
  /** NFC, no control characters but line feeds in code, tables and lists; never empty. */
  text: Schema.String,
  /** Depth of a title: 1 for the topmost. */
  level: Schema.optionalKey(Schema.Int),
  /** What code is written in, as its author marked it, in lower case: `python`, `c++`. */
  language: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(40))),
  /** One per line region or page; empty where the format has no pages. */
  boxes: Schema.Array(Box),
  /** A table's rows of cells; `text` is the same as lines of ` | ` separated cells. */
  rows: Schema.optionalKey(Schema.Array(Schema.Array(Schema.String))),
  assets: Schema.optionalKey(Schema.Array(AssetRef))
})
export type Element = typeof Element.Type
