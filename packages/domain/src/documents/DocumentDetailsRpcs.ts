import { Schema } from "effect"
import { RpcGroup } from "effect/rpc"
import { BadRequest, Conflict, QuotaExceeded } from "../edge/errors.ts"
import { mutation } from "../edge/mutation.ts"
import { DocumentId, Sha256 } from "../ids.ts"
import { Document } from "./Document.ts"
import { Upload } from "./DocumentsRpcs.ts"
import { DocumentNameTaken, DocumentNotFound, MetadataInvalid, UploadTooLarge } from "./errors.ts"
import { Metadata, MetadataPatch } from "./Metadata.ts"
import { Password } from "./Password.ts"

/** Set: the document must still be at this `version`, else the answer is `Conflict`. */
const ifVersion = Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)))

/**
 * The document as it is now. Searches find it by its new name and metadata when the index has them too: `indexToken` is what a search
 * can wait for.
 */
const Changed = Schema.Struct({ document: Document, indexToken: Schema.String })

export class DocumentDetailsRpcs extends RpcGroup.make(
  mutation("DocumentsRename", {
    payload: {
      documentId: DocumentId,
      /** Cleaned before it is kept. */
      name: Schema.String.check(Schema.isBetweenLength(1, 4_096)),
      /** Default `new`: names need not be unique. */
      ifNameExists: Schema.optionalKey(Schema.Literals(["new", "reject", "rename"])),
      ifVersion
    },
    success: Changed,
    error: Schema.Union([DocumentNotFound, DocumentNameTaken, Conflict])
  }),
  mutation("DocumentsSetMetadata", {
    payload: {
      documentId: DocumentId,
      /** Fields to set; `null` removes one. */
      metadata: MetadataPatch,
      /** `merge` leaves other fields as they are, `replace` removes them. Default `merge`. */
      mode: Schema.optionalKey(Schema.Literals(["merge", "replace"])),
      ifVersion
    },
    success: Changed,
    error: Schema.Union([DocumentNotFound, MetadataInvalid, Conflict])
  }),
  /**
   * Begins an upload whose bytes become the newest version of a document. The version that serves goes on serving until the new one is
   * published, and stays if that fails. What is left out stays as it is.
   */
  mutation("DocumentsReplace", {
    payload: {
      documentId: DocumentId,
      name: Schema.optionalKey(Schema.String.check(Schema.isBetweenLength(1, 4_096))),
      metadata: Schema.optionalKey(Metadata),
      lane: Schema.optionalKey(Schema.Literals(["interactive", "bulk"])),
      size: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
      sha256: Schema.optionalKey(Sha256),
      /** What the new bytes are opened with. Default: what those before were. */
      password: Schema.optionalKey(Password)
    },
    success: Upload,
    error: Schema.Union([DocumentNotFound, UploadTooLarge, QuotaExceeded, MetadataInvalid, BadRequest])
  })
) {}
