import type { DatasetId, DocumentId, Sha256, TenantId } from "@sheaf/domain/ids"
import { Context, type Effect, type Option, Schema, type Scope, type Stream } from "effect"

/**
 * Path of a blob: begins `tenant/dataset/document/`, made of ids and fixed words only, never of what a user sent. No part begins
 * with a dot, and no key of a blob is the beginning (up to a slash) of another's.
 */
export const BlobKey = Schema.String
  .check(Schema.isPattern(/^[0-9a-z-]+(\/[0-9a-z-][0-9a-z.-]*)*$/), Schema.isMaxLength(512))
  .pipe(Schema.brand("BlobKey"))
export type BlobKey = typeof BlobKey.Type

export interface BlobOwner {
  readonly tenantId: TenantId
  readonly datasetId: DatasetId
  readonly documentId: DocumentId
}

/** Everything that the documents of a dataset own, and uploads that never became one. */
export const datasetPrefix = (tenantId: TenantId, datasetId: DatasetId): BlobKey =>
  BlobKey.make(`${tenantId}/${datasetId}`)

/** Everything a document owns lies under this prefix; its purge removes the prefix. */
export const documentPrefix = (owner: BlobOwner): BlobKey =>
  BlobKey.make(`${owner.tenantId}/${owner.datasetId}/${owner.documentId}`)

export const rawKey = (owner: BlobOwner): BlobKey => BlobKey.make(`${documentPrefix(owner)}/raw`)

/** The bytes of a document: those that it began with (`null`), or others that took their place. */
export const contentKey = (owner: BlobOwner, contentId: string | null): BlobKey =>
  contentId === null ? rawKey(owner) : BlobKey.make(`${documentPrefix(owner)}/contents/${contentId}`)

/** A picture of the first page of these bytes. */
export const thumbnailKey = (owner: BlobOwner, contentId: string | null): BlobKey =>
  BlobKey.make(`${documentPrefix(owner)}/thumbnails/${contentId ?? "raw"}.webp`)

/** Elements of a page range, keyed by what they were made from and how: a retry finds them again. */
export const elementsKey = (owner: BlobOwner, artefact: string): BlobKey =>
  BlobKey.make(`${documentPrefix(owner)}/elements/${artefact}.ndjson`)

/** Bytes that were found in a document, by what they are. */
export const assetKey = (owner: BlobOwner, hash: Sha256): BlobKey =>
  BlobKey.make(`${documentPrefix(owner)}/assets/${hash}`)

/** The store did not do what was asked; `isRetryable` says whether it may later. */
export class BlobStoreError extends Schema.TaggedError<BlobStoreError>()("BlobStoreError", {
  operation: Schema.String,
  isRetryable: Schema.Boolean,
  cause: Schema.Defect()
}) {}

export class BlobNotFound extends Schema.TaggedError<BlobNotFound>()("BlobNotFound", { key: BlobKey }) {}

/** Create-only: a blob is never overwritten. */
export class BlobExists extends Schema.TaggedError<BlobExists>()("BlobExists", { key: BlobKey }) {}

/** Bytes for a staged blob begin at its end; `offset` is where that is. */
export class StageOffsetMismatch extends Schema.TaggedError<StageOffsetMismatch>()("StageOffsetMismatch", {
  offset: Schema.Finite
}) {}

export interface BlobInfo {
  readonly size: number
  readonly sha256: Sha256
}

/** A way to the bytes of one blob that needs no other credential, and ends by itself. */
export interface DirectLink {
  /** Holds the permission: whoever has it can use it until then. Never logged, never stored. */
  readonly url: string
  readonly expiresAt: Date
}

/** Adds bytes to the end of a blob in the making, with one request `PUT url` for each piece, and can do nothing else. */
export interface DirectUpload extends DirectLink {
  /** Where the blob in the making stands: the first piece begins here. */
  readonly offset: number
  /** The header that says where a piece begins; for another place than the end it is refused. */
  readonly offsetHeader: string
  /** Largest piece, in bytes. */
  readonly maxPieceBytes: number
}

/** What a store that clients can reach by themselves gives them. */
export interface DirectAccess {
  /**
   * Lets a client stage bytes by itself: what it sends is staged as if `stage` had been given it, and counts in `staged`. Fails where
   * the blob is whole already.
   */
  readonly upload: (key: BlobKey) => Effect.Effect<DirectUpload, StageOffsetMismatch | BlobStoreError>
  /** Lets a client read one blob, which is answered with these headers whatever it holds. */
  readonly download: (
    key: BlobKey,
    answer: { readonly contentType: string; readonly contentDisposition: string }
  ) => Effect.Effect<DirectLink, BlobStoreError>
}

/** What lies under a key, whole or in the making. */
export interface StoredBlob {
  readonly key: BlobKey
  readonly isWhole: boolean
  readonly modifiedAt: Date
}

export interface BlobPage {
  readonly blobs: ReadonlyArray<StoredBlob>
  /** Where to go on; `undefined` at the end. */
  readonly next: string | undefined
}

/** Bytes by key. A blob is whole or absent: nobody ever reads half of one. Everything streams; nothing is held in memory. */
export class BlobStore extends Context.Service<BlobStore, {
  /** Writes a blob at once and atomically; `BlobExists` if the key is taken, whoever was first. */
  readonly put: <E, R>(
    key: BlobKey,
    bytes: Stream.Stream<Uint8Array, E, R>
  ) => Effect.Effect<BlobInfo, BlobExists | BlobStoreError | E, R>
  /**
   * Adds bytes at `offset` to a blob in the making, which survives the death of any process. Answers the new end. What arrived
   * before a failure or an interruption is kept. One writer at a time: whoever comes second gets `StageOffsetMismatch`, or takes
   * over from a stalled writer by continuing exactly where that one stands; the old one then gets `StageOffsetMismatch`.
   */
  readonly stage: <E, R>(
    key: BlobKey,
    offset: number,
    bytes: Stream.Stream<Uint8Array, E, R>
  ) => Effect.Effect<number, StageOffsetMismatch | BlobStoreError | E, R>
  /** How many bytes are staged and safe; 0 when none are, and the whole size once they are the blob. */
  readonly staged: (key: BlobKey) => Effect.Effect<number, BlobStoreError>
  /** Makes the staged bytes the blob. Idempotent: a second call answers the same. */
  readonly commit: (key: BlobKey) => Effect.Effect<BlobInfo, BlobNotFound | BlobStoreError>
  /** The bytes, or those of a range (`end` exclusive). */
  readonly get: (
    key: BlobKey,
    range?: { readonly start: number; readonly end?: number }
  ) => Stream.Stream<Uint8Array, BlobNotFound | BlobStoreError>
  readonly size: (key: BlobKey) => Effect.Effect<Option.Option<number>, BlobStoreError>
  /** A local path to the bytes while the scope is open: the file itself, or a copy; for parsers that need random access. */
  readonly localFile: (
    key: BlobKey
  ) => Effect.Effect<string, BlobNotFound | BlobStoreError, Scope.Scope>
  /**
   * Removes the blob of that key and everything below it, and answers how many blobs there were, whole or in the making: 0 means
   * that nothing was left. Writers at work there fail.
   */
  readonly removePrefix: (prefix: BlobKey) => Effect.Effect<number, BlobStoreError>
  /** Keys of the whole blobs below a prefix. */
  readonly list: (prefix: BlobKey) => Stream.Stream<BlobKey, BlobStoreError>
  /**
   * Everything below a prefix, whole or in the making, page by page, for whoever compares it with the rows: what belongs to one document
   * stands together, and documents in the order of their ids. What is there throughout comes at least once; an empty page is not the end.
   */
  readonly page: (
    prefix: BlobKey,
    options: { readonly limit: number; readonly after?: string | undefined }
  ) => Effect.Effect<BlobPage, BlobStoreError>
  /** Only where clients can reach the store, and may. */
  readonly direct: Option.Option<DirectAccess>
}>()("@sheaf/adapters/blobs/BlobStore") {}
