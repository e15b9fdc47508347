import {
  type BlobInfo,
  BlobKey,
  type BlobOwner,
  BlobStore,
  documentPrefix,
  rawKey
} from "@sheaf/adapters/blobs/BlobStore"
import type { FetchFailed } from "@sheaf/adapters/fetch/errors"
import { unreadable } from "@sheaf/adapters/formats/unreadable"
import { GuardedFetch } from "@sheaf/adapters/fetch/GuardedFetch"
import type { Decision } from "@sheaf/adapters/repos/events/IngestEventsRepo"
import { type UploadRow, UploadsRepo } from "@sheaf/adapters/repos/documents/UploadsRepo"
import type { Accepted } from "@sheaf/domain/documents/DocumentsRpcs"
import { Sha256, type TenantId, type UploadId } from "@sheaf/domain/ids"
import type { IngestEvent } from "@sheaf/domain/ingest/IngestEvent"
import type { IngestOutcome, IngestRejection } from "@sheaf/domain/ingest/IngestVerdict"
import { Context, Effect, Layer, Option, Schema, type Scope, Stream } from "effect"
import { createHash } from "node:crypto"
import { Rejected, Undecided } from "./endings.ts"

/** Bytes that lie in the blob store, under the key of the document that is to be. */
export interface Arrived {
  readonly owner: BlobOwner
  readonly size: number
  readonly sha256: Sha256
  /** As whoever has the bytes says; `null` where nobody does. */
  readonly declaredType: string | null
  /** Part of the accepting transaction: the document that came of these bytes before, if one did. */
  readonly claim: Effect.Effect<Option.Option<Accepted>, Rejected>
  /** Part of the accepting transaction. */
  readonly settle: (accepted: Accepted) => Effect.Effect<void>
  /** Removes the bytes where nobody needs them. Only after it was decided for good. */
  readonly cleanUp: (decision: Decision) => Effect.Effect<void>
}

const reject = (reason: IngestRejection) => new Rejected({ reason })
const notFound = (reference: string) => reject({ _tag: "ReferenceNotFound", reference })

/** Where publishers with access to the blob store put what they refer to. */
const inboxOf = (tenantId: TenantId): string => `${tenantId}/inbox/`

const decodeKey = Schema.decodeUnknownOption(BlobKey)

interface Open {
  readonly bytes: Stream.Stream<Uint8Array, Rejected | FetchFailed>
  readonly declaredType: string | null
}

/** Brings what an event carries or names into the blob store. Outages are defects, as everywhere below the services. */
export class Contents extends Context.Service<Contents, {
  /**
   * Never more than the limit, and never all of it in memory. What an earlier attempt brought to the same place is taken up; an upload has
   * a place of its own.
   */
  readonly bring: (place: BlobOwner, event: Pick<IngestEvent, "name" | "content">) => Effect.Effect<
    Arrived,
    Rejected | FetchFailed | Undecided
  >
}>()("@sheaf/worker/sources/ingest/Contents") {
  static readonly layer = (options: { readonly maxBytes: number }) =>
    Layer.effect(
      Contents,
      Effect.gen(function*() {
        const blobs = yield* BlobStore
        const fetcher = yield* GuardedFetch
        const uploads = yield* UploadsRepo
        const tooLarge = reject({ _tag: "TooLarge", limit: options.maxBytes })

        const openBlob = Effect.fnUntraced(function*(tenantId: TenantId, reference: string) {
          const key = decodeKey(reference)
          if (Option.isNone(key) || !key.value.startsWith(inboxOf(tenantId))) return yield* notFound(reference)
          const bytes: Open["bytes"] = blobs.get(key.value).pipe(
            Stream.catchTags({
              BlobNotFound: () => Stream.fail(notFound(reference)),
              BlobStoreError: (error) => Stream.die(error)
            })
          )
          return bytes
        })

        const openUrl = (url: string): Effect.Effect<Open, Rejected | FetchFailed, Scope.Scope> =>
          fetcher.get(url, options).pipe(
            Effect.catchTags({
              UrlRefused: ({ detail }) => reject({ _tag: "UrlRefused", detail }),
              FetchTooLarge: () => tooLarge
            }),
            Effect.map(({ bytes, mediaType }) => ({
              declaredType: mediaType,
              bytes: Stream.catchTag(bytes, "FetchTooLarge", () => Stream.fail(tooLarge))
            }))
          )

        /** Size and hash of what is there, by reading it. */
        const takeUp = (key: BlobKey) =>
          blobs.get(key).pipe(
            Stream.runFold(() => ({ hash: createHash("sha256"), size: 0 }), ({ hash, size }, chunk: Uint8Array) => ({
              hash: hash.update(chunk),
              size: size + chunk.length
            })),
            Effect.map(({ hash, size }): BlobInfo => ({ size, sha256: Sha256.make(hash.digest("hex")) })),
            Effect.catchTags({
              // Whoever removed it has decided.
              BlobNotFound: () => new Undecided({ reason: "another is at it", isOutage: false, after: undefined }),
              BlobStoreError: (error) => Effect.die(error)
            })
          )

        const copy = Effect.fnUntraced(function*(owner: BlobOwner, name: string, { bytes, declaredType }: Open) {
          const counted = readable(bounded(bytes, options.maxBytes, tooLarge), name)
          const stored = yield* blobs.put(rawKey(owner), counted).pipe(
            Effect.catchTags({
              BlobExists: ({ key }) => takeUp(key),
              BlobStoreError: (error) => Effect.die(error)
            })
          )
          if (stored.size > options.maxBytes) return yield* tooLarge
          const arrived: Arrived = {
            ...stored,
            owner,
            declaredType,
            claim: Effect.succeedNone,
            settle: () => Effect.void,
            cleanUp: ({ outcome }) => isFor(owner, outcome) ? Effect.void : remove(owner)
          }
          return arrived
        })

        const remove = (owner: BlobOwner) => Effect.ignore(blobs.removePrefix(documentPrefix(owner)), { log: "Warn" })

        /** Forgets an upload that can never become a document. One that became one meanwhile keeps its bytes. */
        const abandon = (owner: BlobOwner, { id }: UploadRow) =>
          Effect.flatMap(uploads.remove(owner.tenantId, id), (isUnused) => isUnused ? remove(owner) : Effect.void)

        /** What is staged becomes the blob: nobody can add to it any more. */
        const whole = Effect.fnUntraced(function*(owner: BlobOwner, row: UploadRow) {
          if (row.answer !== null) return { size: row.size ?? 0, sha256: row.answer.contentHash }
          const staged = yield* Effect.orDie(blobs.staged(rawKey(owner)))
          if (staged === 0 || staged < (row.size ?? 0)) {
            return yield* notFound(`upload ${row.id}, whose bytes are not all there`)
          }
          // Bytes that come straight to the store are counted by nobody on their way, and more may come until it is whole.
          const limit = Math.min(row.size ?? options.maxBytes, options.maxBytes)
          const tooMuch = Effect.andThen(abandon(owner, row), reject({ _tag: "TooLarge", limit }))
          if (staged > limit) return yield* tooMuch
          const stored = yield* Effect.orDie(blobs.commit(rawKey(owner)))
          if (stored.size > limit) return yield* tooMuch
          if (row.sha256 === null || row.sha256 === stored.sha256) return stored
          // The client may begin anew.
          yield* Effect.orDie(blobs.removePrefix(documentPrefix(owner)))
          return yield* reject({ _tag: "HashMismatch", expected: row.sha256, actual: stored.sha256 })
        })

        const takeUpload = Effect.fnUntraced(function*({ datasetId, tenantId }: BlobOwner, uploadId: UploadId) {
          const gone = notFound(`upload ${uploadId}`)
          const row = yield* uploads.find(tenantId, uploadId)
          if (Option.isNone(row) || row.value.datasetId !== datasetId) return yield* gone
          const owner: BlobOwner = { tenantId, datasetId, documentId: row.value.documentId }
          const arrived: Arrived = {
            ...yield* whole(owner, row.value),
            owner,
            declaredType: null,
            claim: Effect.flatMap(
              uploads.lock(tenantId, uploadId),
              Option.match({
                onNone: () => Effect.fail(gone),
                onSome: ({ answer }) => Effect.succeed(Option.fromNullishOr(answer))
              })
            ),
            settle: (accepted) => uploads.answer(tenantId, uploadId, accepted),
            // The bytes of an event that was refused are still the upload's.
            cleanUp: ({ outcome }) => outcome._tag === "Rejected" || isFor(owner, outcome) ? Effect.void : remove(owner)
          }
          return arrived
        })

        const bring: Contents["Service"]["bring"] = Effect.fn("Contents.bring")(function*(place, { content, name }) {
          if ("uploadId" in content) return yield* takeUpload(place, content.uploadId)
          if ("text" in content) {
            const bytes = Stream.succeed(new TextEncoder().encode(content.text))
            return yield* copy(place, name, { bytes, declaredType: "text/plain" })
          }
          if ("base64" in content) {
            return yield* copy(place, name, { bytes: Stream.succeed(content.base64), declaredType: null })
          }
          if ("blob" in content) {
            return yield* copy(place, name, {
              bytes: yield* openBlob(place.tenantId, content.blob),
              declaredType: null
            })
          }
          return yield* copy(place, name, yield* openUrl(content.url))
        }, Effect.scoped)

        return Contents.of({ bring })
      })
    )
}

/** Whether the document that came of an event is the one whose bytes these are. */
const isFor = (owner: BlobOwner, outcome: IngestOutcome): boolean =>
  outcome._tag === "Accepted" && outcome.documentId === owner.documentId

const bounded = (bytes: Open["bytes"], limit: number, error: Rejected): Open["bytes"] =>
  bytes.pipe(
    Stream.mapAccumEffect(() => 0, (total, chunk: Uint8Array) => {
      const next = total + chunk.length
      return next > limit ? Effect.fail(error) : Effect.succeed([next, [chunk]] as const)
    })
  )

/** Refuses what certainly cannot be read, before the rest of it comes. */
const readable = (bytes: Open["bytes"], name: string): Open["bytes"] =>
  bytes.pipe(
    Stream.mapAccumEffect(() => true, (isFirst, chunk: Uint8Array) => {
      const detectedType = isFirst ? unreadable(chunk, name) : null
      return detectedType === null
        ? Effect.succeed([chunk.length === 0 && isFirst, [chunk]] as const)
        : Effect.fail(reject({ _tag: "UnsupportedFormat", detectedType }))
    })
  )
