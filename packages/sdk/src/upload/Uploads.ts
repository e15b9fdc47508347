import { Accepted, type IfNameExists, type IfSame } from "@sheaf/domain/documents/DocumentsRpcs"
import type { Metadata } from "@sheaf/domain/documents/Metadata"
import type { DatasetId, DocumentId, Sha256 } from "@sheaf/domain/ids"
import type { RunSettings } from "@sheaf/domain/runs/RunSettings"
import { Effect, type Redacted } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { Endpoint } from "../connection/Endpoint.ts"
import type { Http, HttpError } from "../connection/Http.ts"
import type { CallError } from "../connection/rpc.ts"
import type { SourceUnreadable, VersionSkew } from "../errors/client.ts"
import type { MutationOptions } from "../options.ts"
import type { OpenSource } from "./Source.ts"
import { sendDirect } from "./sendDirect.ts"
import { firstPiece } from "./pieceSize.ts"
import { transfer } from "./transfer.ts"

export type UploadError = CallError<"DocumentsUpload" | "DocumentsReplace"> | HttpError | SourceUnreadable | VersionSkew

/** What the bytes are to become: a document of a dataset, */
export interface UploadToDataset {
  readonly datasetId: DatasetId
  readonly name: string
  readonly metadata?: Metadata
  readonly ifSame?: IfSame
  readonly ifNameExists?: IfNameExists
  readonly lane?: "interactive" | "bulk"
  readonly sha256?: Sha256
  readonly settings?: RunSettings
  readonly password?: Redacted.Redacted
}

/** or those of a document that is there. */
export interface UploadToDocument
  extends Partial<Pick<UploadToDataset, "name" | "metadata" | "lane" | "sha256" | "password">>
{
  readonly documentId: DocumentId
}

export type UploadTarget = UploadToDataset | UploadToDocument

/** Sends the bytes of a source, piece by piece, until the server has durably accepted all of them. */
export interface Uploads {
  /**
   * A lost connection is waited for, and the upload goes on from the last byte that arrived; it fails when no byte gets through
   * for twice as long as a call may take. An upload that the server has forgotten is begun again where the source allows it.
   */
  readonly send: (
    source: OpenSource,
    target: UploadTarget,
    options: MutationOptions,
    onSent: (sent: number) => void
  ) => Effect.Effect<Accepted, UploadError>
}

export const makeUploads = (endpoint: Endpoint, calls: Calls, http: Http): Uploads => {
  const once: Uploads["send"] = Effect.fnUntraced(function*(source, target, options, onSent) {
    const size = source.size === undefined ? {} : { size: source.size }
    const { direct, maxBytes, uploadId } = yield* "documentId" in target
      ? calls.mutate("DocumentsReplace", { ...target, ...size }, options)
      : calls.mutate("DocumentsUpload", { ...target, ...size }, options)
    // What fits in one piece is sooner there by the way that has fewer steps.
    const pastServer = direct === true && http.store.isReachable && (source.size ?? Infinity) > firstPiece
    if (pastServer) yield* sendDirect({ calls, endpoint, http, source, uploadId, maxBytes, onSent })
    // A key of the caller's may name an upload that began in another process: it goes on where that one stopped.
    const begun = pastServer || options.idempotencyKey !== undefined
    return yield* transfer({ http, endpoint, source, path: `/uploads/${uploadId}`, answer: Accepted, begun, onSent })
  })
  return {
    send: (source, target, options, onSent) =>
      Effect.catchTag(once(source, target, options, onSent), "UploadNotFound", () => {
        const key = options.idempotencyKey
        return once(source, target, { ...options, ...(key && { idempotencyKey: `${key}:again` }) }, onSent)
      })
  }
}
