import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { DatasetNotFound } from "../datasets/errors.ts"
import { BadRequest, QuotaExceeded } from "../edge/errors.ts"
import { mutation } from "../edge/mutation.ts"
import { Page, PageFields } from "../edge/page.ts"
import { DatasetId, DocumentId, RunId, Sha256, UploadId } from "../ids.ts"
import { Run } from "../runs/Run.ts"
import { isStorable } from "../text.ts"
import { Timestamp } from "../time.ts"
import { Document, DocumentProgress } from "./Document.ts"
import { DocumentExists, DocumentNotFound, StateConflict, UploadNotFound, UploadTooLarge } from "./errors.ts"
import { Metadata } from "./Metadata.ts"
import { DocumentStatus } from "./status.ts"

/** What to do when the dataset holds the same bytes already: refuse, answer the one it has, or make another. */
export const IfSame = Schema.Literals(["reject", "reuse", "new"])
export type IfSame = typeof IfSame.Type

/** A document that was durably accepted: from here on the work is the server's. `reused`: it was there before. */
export const Accepted = Schema.Struct({
  documentId: DocumentId,
  runId: Schema.NullOr(RunId),
  contentHash: Sha256,
  reused: Schema.Boolean
})
export type Accepted = typeof Accepted.Type

/** A begun upload: send its bytes to `PATCH /uploads/{uploadId}` from `offset` on, before `expiresAt`. */
export const Upload = Schema.Struct({
  uploadId: UploadId,
  documentId: DocumentId,
  offset: Schema.Finite,
  maxBytes: Schema.Finite,
  expiresAt: Timestamp,
  /** There when its bytes may also go straight to the blob store: see `DocumentsUploadDirect`. */
  direct: Schema.optionalKey(Schema.Boolean)
})
export type Upload = typeof Upload.Type

/**
 * A way to send the bytes of an upload straight to the blob store: `PUT url` for each piece, with the place where it begins in
 * `offsetHeader`. A piece for another place than the end is refused (412), and so is everything once the link has expired (403): ask
 * again. When all bytes are there, an empty piece to `PATCH /uploads/{uploadId}` makes them the document, as if the server had got
 * them all: it reads them back and checks size and hash.
 */
export const DirectUpload = Schema.Struct({
  /** Holds the permission to add to this upload, and to do nothing else. Needs no other credential: send it none. */
  url: Schema.String,
  /** Where the upload stands. */
  offset: Schema.Finite,
  offsetHeader: Schema.String,
  /** Of one piece. */
  maxPieceBytes: Schema.Finite,
  expiresAt: Timestamp
})
export type DirectUpload = typeof DirectUpload.Type

/**
 * What `GET /documents/{documentId}/content?as=link` answers where the blob store can be reached by clients: the bytes are at `url`,
 * without further credentials, for a download that begins before `expiresAt`.
 */
export const DownloadLink = Schema.Struct({ url: Schema.String, expiresAt: Timestamp })

/** Tells a link from the bytes of a document. */
export const downloadLinkType = "application/vnd.sheaf.link+json"

const acceptFields = {
  datasetId: DatasetId,
  /** As the client names it; cleaned before it is kept. */
  name: Schema.String.check(Schema.isBetweenLength(1, 4_096)),
  metadata: Schema.optionalKey(Metadata),
  /** Default `reuse`. */
  ifSame: Schema.optionalKey(IfSame),
  /** `bulk` lets other work go first. Default `interactive`. */
  lane: Schema.optionalKey(Schema.Literals(["interactive", "bulk"]))
} as const

export class DocumentsRpcs extends RpcGroup.make(
  /** Begins a resumable upload. The document's id is fixed here; it exists once all bytes are there. */
  mutation("DocumentsUpload", {
    payload: {
      ...acceptFields,
      /** Bytes, when known: refused early if too large, and the upload ends by itself when they are there. */
      size: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
      /** When given, checked when the last byte is there. */
      sha256: Schema.optionalKey(Sha256)
    },
    success: Upload,
    error: Schema.Union([DatasetNotFound, UploadTooLarge, QuotaExceeded])
  }),
  /** Where an upload stands, to resume it. */
  Rpc.make("DocumentsUploadStatus", {
    payload: { uploadId: UploadId },
    success: Upload,
    error: UploadNotFound
  }),
  /** A fresh link for the rest of the bytes; `null` where they must go to the server. */
  Rpc.make("DocumentsUploadDirect", {
    payload: { uploadId: UploadId },
    success: Schema.NullOr(DirectUpload),
    error: UploadNotFound
  }),
  /** Accepts text without an upload: at most 1 MiB of it. `mediaType` names its markup. */
  mutation("DocumentsIngestText", {
    payload: {
      ...acceptFields,
      text: Schema.String.check(Schema.isMaxLength(1_048_576)),
      mediaType: Schema.optionalKey(Schema.Literals(["text/plain", "text/markdown", "text/html"]))
    },
    success: Accepted,
    error: Schema.Union([DatasetNotFound, DocumentExists, QuotaExceeded])
  }),
  Rpc.make("DocumentsGet", { payload: { documentId: DocumentId }, success: Document, error: DocumentNotFound }),
  /** Newest first. */
  Rpc.make("DocumentsList", {
    payload: {
      datasetId: DatasetId,
      status: Schema.optionalKey(Schema.Array(DocumentStatus)),
      /** Part of a name, whatever the case. */
      name: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(255), isStorable)),
      withTotal: Schema.optionalKey(Schema.Boolean),
      ...PageFields
    },
    success: Page(Document),
    error: Schema.Union([DatasetNotFound, BadRequest])
  }),
  /** All runs of a document, newest first. */
  Rpc.make("DocumentsRuns", {
    payload: { documentId: DocumentId },
    success: Schema.Array(Run),
    error: DocumentNotFound
  }),
  /**
   * Progress of the newest run: first how it stands, then each change, the last one final. Looks between two readings are
   * merged: a slow reader misses steps, never the end. `after` skips what a reconnecting client has seen.
   */
  Rpc.make("DocumentsWatch", {
    payload: { documentId: DocumentId, after: Schema.optionalKey(Schema.Int) },
    success: DocumentProgress,
    error: DocumentNotFound,
    stream: true
  }),
  /** Builds the version again, reusing every artefact whose key still matches. */
  mutation("DocumentsRetry", {
    payload: { documentId: DocumentId },
    success: Run,
    error: Schema.Union([DocumentNotFound, StateConflict])
  }),
  /** Stops the newest run for good; a published version goes on serving. */
  mutation("DocumentsCancel", {
    payload: { documentId: DocumentId },
    success: Run,
    error: Schema.Union([DocumentNotFound, StateConflict])
  }),
  /** Invisible when this returns; rows, index entries and blobs are removed by a job that counts them as zero. */
  mutation("DocumentsDelete", { payload: { documentId: DocumentId }, error: DocumentNotFound })
) {}
