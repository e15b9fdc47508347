import { Schema } from "effect"
import { DocumentId, Sha256 } from "../ids.ts"
import { Timestamp } from "../time.ts"

/** A media type as a document's own file says it: a claim about bytes that come from outside. */
export const AssetType = Schema.String.check(
  Schema.isPattern(/^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/u),
  Schema.isMaxLength(127)
)

/** A picture or a file that was found in a document. Stored once for each document, by what it is. */
export class Asset extends Schema.Class<Asset>("@sheaf/domain/documents/Asset/Asset")({
  documentId: DocumentId,
  /** Of the bytes; names it within its document. */
  hash: Sha256,
  mediaType: AssetType,
  /** Bytes. */
  size: Schema.Int,
  /** What it is called in the document; `null` where it has no name there. */
  name: Schema.NullOr(Schema.String),
  /** In pixels; `null` where the bytes do not say so at their beginning. */
  width: Schema.NullOr(Schema.Int),
  height: Schema.NullOr(Schema.Int),
  createdAt: Timestamp
}) {}
