import { Accepting } from "@sheaf/adapters/lifecycle/Accepting"
import type { DatasetNotFound } from "@sheaf/domain/datasets/errors"
import type { Accepted, DirectUpload, Upload } from "@sheaf/domain/documents/DocumentsRpcs"
import type {
  DocumentNameTaken,
  DocumentNotFound,
  HashMismatch,
  MetadataInvalid,
  UnsupportedFormat,
  UploadNotFound,
  UploadOffsetMismatch,
  UploadTooLarge
} from "@sheaf/domain/documents/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { BadRequest, IdempotencyKeyReused, QuotaExceeded } from "@sheaf/domain/edge/errors"
import type { DocumentId, Sha256, UploadId } from "@sheaf/domain/ids"
import type { PipelineNotFound } from "@sheaf/domain/pipelines/errors"
import { Context, Effect, Layer, type Redacted } from "effect"
import type { Arrival, Refused } from "../Arrivals.ts"
import type { Piece, Whole } from "./Piece.ts"
import { beginning } from "./beginning.ts"
import { creating } from "./creating.ts"
import { receiving } from "./receiving.ts"
import { standings } from "./standings.ts"

/** Where an upload stands after a piece: somewhere on its way, or it has become a document. */
export type Received =
  | { readonly _tag: "Standing"; readonly upload: Upload }
  | { readonly _tag: "Finished"; readonly offset: number; readonly accepted: Accepted }

/** Bytes of documents on their way in. They are staged as they come, and a document exists when the last one is there. */
export class Uploads extends Context.Service<Uploads, {
  /** Part of the caller's transaction. */
  readonly begin: (
    caller: Caller,
    upload: Arrival & { readonly size?: number; readonly sha256?: Sha256; readonly password?: Redacted.Redacted }
  ) => Effect.Effect<
    Upload,
    | DatasetNotFound
    | UploadTooLarge
    | QuotaExceeded
    | MetadataInvalid
    | DocumentNameTaken
    | BadRequest
    | PipelineNotFound
  >
  /** The same for bytes that take the place of a document's. */
  readonly replace: (
    caller: Caller,
    upload: Partial<Pick<Arrival, "name" | "metadata" | "lane">> & {
      readonly documentId: DocumentId
      readonly size?: number
      readonly sha256?: Sha256
      readonly password?: Redacted.Redacted
    }
  ) => Effect.Effect<Upload, DocumentNotFound | UploadTooLarge | QuotaExceeded | MetadataInvalid | BadRequest>
  readonly status: (caller: Caller, upload: { readonly uploadId: UploadId }) => Effect.Effect<Upload, UploadNotFound>
  /** A way for the rest of the bytes past this server; `null` where there is none, or none any more. */
  readonly direct: (
    caller: Caller,
    upload: { readonly uploadId: UploadId }
  ) => Effect.Effect<DirectUpload | null, UploadNotFound>
  readonly standing: (
    caller: Caller,
    upload: { readonly uploadId: UploadId }
  ) => Effect.Effect<Received & { readonly size: number | null }, UploadNotFound>
  /** Keeps what arrives, even where the client goes away in the middle. A finished upload gives its answer again. */
  readonly receive: (caller: Caller, piece: Piece) => Effect.Effect<
    Received,
    | UploadNotFound
    | UploadOffsetMismatch
    | UploadTooLarge
    | HashMismatch
    | UnsupportedFormat
    | DocumentNotFound
    | Refused
    | BadRequest
  >
  readonly create: (caller: Caller, whole: Whole) => Effect.Effect<
    Accepted,
    Refused | UploadTooLarge | HashMismatch | UnsupportedFormat | IdempotencyKeyReused | BadRequest
  >
}>()("@sheaf/server/documents/uploads/Uploads") {
  static readonly layer = ({ maxBytes }: { readonly maxBytes: number }) =>
    Layer.effect(
      Uploads,
      Effect.gen(function*() {
        return Uploads.of({
          ...yield* beginning(maxBytes),
          ...yield* standings(maxBytes),
          ...yield* receiving(maxBytes),
          ...yield* creating(maxBytes)
        })
      })
    ).pipe(Layer.provide(Accepting.layer))
}
