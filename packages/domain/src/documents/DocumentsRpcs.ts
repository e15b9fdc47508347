import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { DatasetNotFound } from "../datasets/errors.ts"
import { BadRequest, QuotaExceeded } from "../edge/errors.ts"
import { mutation } from "../edge/mutation.ts"
import { DatasetId, DocumentId, RunId, Sha256, UploadId } from "../ids.ts"
import { PipelineNotFound } from "../pipelines/errors.ts"
import { RunSettings } from "../runs/RunSettings.ts"
import { Timestamp } from "../time.ts"
import { Document, DocumentProgress } from "./Document.ts"
import {
  DocumentExists,
  DocumentNameTaken,
  DocumentNotFound,
  MetadataInvalid,
  UploadNotFound,
  UploadTooLarge
} from "./errors.ts"
import { FailureCause } from "./FailureCause.ts"
import { Metadata } from "./Metadata.ts"
import { Password } from "./Password.ts"
import { DocumentStatus } from "./status.ts"

/** What to do when the dataset holds the same bytes already: refuse, answer the one it has, or make another. */
export const IfSame = Schema.Literals(["reject", "reuse", "new"])
export type IfSame = typeof IfSame.Type

/**
 * What to do when the dataset has a document of this name: make another of the same name, refuse, make another as `name (1).pdf`, or
 * make the bytes the new version of that document, whose old version serves until the new one is published.
 */
export const IfNameExists = Schema.Literals(["new", "reject", "rename", "replace"])
export type IfNameExists = typeof IfNameExists.Type

/** A document that was durably accepted: from here on the work is the server's. `reused`: it was there before. */
export const Accepted = Schema.Struct({
  documentId: DocumentId,
  runId: Schema.NullOr(RunId),
  contentHash: Sha256,
  reused: Schema.Boolean,
  /** There where it had to be another than was asked for (`rename`). */
  name: Schema.optionalKey(Schema.String),
  /** The bytes are a new version of a document that was there before. */
  replaced: Schema.optionalKey(Schema.Boolean),
  /** Only where the caller waited (`waitMs`): how the document stands now. */
  status: Schema.optionalKey(DocumentStatus),
  /** Only where the caller waited: why the newest run failed, if it did. */
  cause: Schema.optionalKey(FailureCause)
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

/** Milliseconds to wait for the document to be published or to fail, 30 s at most; the answer then says how it stands. Default 0. */
export const WaitMs = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30_000 }))

const acceptFields = {
  datasetId: DatasetId,
  /** As the client names it; cleaned before it is kept. */
  name: Schema.String.check(Schema.isBetweenLength(1, 4_096)),
  metadata: Schema.optionalKey(Metadata),
  /** Default `reuse`. */
  ifSame: Schema.optionalKey(IfSame),
  /** Default `new`. With `replace`, a document of this name is looked for before one of the same bytes. */
  ifNameExists: Schema.optionalKey(IfNameExists),
  /** `bulk` lets other work go first. Default `interactive`. */
  lane: Schema.optionalKey(Schema.Literals(["interactive", "bulk"])),
  /**
   * What the document has of its own from its first run on: laid over those of the dataset. A document that is replaced keeps what it has
   * besides; one that is reused changes nothing.
   */
  settings: Schema.optionalKey(RunSettings)
} as const

/** What settings may be refused for. */
const settingsErrors = [BadRequest, PipelineNotFound] as const

export class DocumentsRpcs extends RpcGroup.make(
  /** Begins a resumable upload. The document's id is fixed here; it exists once all bytes are there. */
  mutation("DocumentsUpload", {
    payload: {
      ...acceptFields,
      /** Bytes, when known: refused early if too large, and the upload ends by itself when they are there. */
      size: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
      /** When given, checked when the last byte is there. */
      sha256: Schema.optionalKey(Sha256),
      /** What the file is opened with, if it is protected; kept with the document for its later runs. Of PDFs alone. */
      password: Schema.optionalKey(Password)
    },
    success: Upload,
    error: Schema.Union([
      DatasetNotFound,
      UploadTooLarge,
      QuotaExceeded,
      MetadataInvalid,
      DocumentNameTaken,
      ...settingsErrors
    ])
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
      mediaType: Schema.optionalKey(Schema.Literals(["text/plain", "text/markdown", "text/html"])),
      waitMs: Schema.optionalKey(WaitMs)
    },
    success: Accepted,
    error: Schema.Union([
      DatasetNotFound,
      DocumentExists,
      DocumentNameTaken,
      MetadataInvalid,
      QuotaExceeded,
      ...settingsErrors
    ])
  }),
  Rpc.make("DocumentsGet", { payload: { documentId: DocumentId }, success: Document, error: DocumentNotFound }),
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
  /** Invisible when this returns; rows, index entries and blobs are removed by a job that counts them as zero. */
  mutation("DocumentsDelete", { payload: { documentId: DocumentId }, error: DocumentNotFound })
) {}
