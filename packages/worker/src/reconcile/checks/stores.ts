import { BlobKey, BlobStore, contentKey, documentPrefix, type StoredBlob } from "@sheaf/adapters/blobs/BlobStore"
import type { Suspect } from "@sheaf/adapters/repos/upkeep/ReconciliationsRepo"
import { type Place, StoreDriftRepo } from "@sheaf/adapters/repos/upkeep/StoreDriftRepo"
import { DatasetId, DocumentId, type TenantId } from "@sheaf/domain/ids"
import { Clock, Duration, Effect, Option, Schema } from "effect"
import { ofBlobs } from "../../stages/failures.ts"
import { type Check, verdict } from "../Check.ts"
import { assetChecks } from "./assets.ts"
import { Upkeep } from "../Upkeep.ts"

/** Blobs and documents compared at a time. */
const page = 500

/** Where the store goes on, and the document up to which originals were looked for. */
const Cursor = Schema.fromJsonString(Schema.Struct({
  store: Schema.NullOr(Schema.String),
  place: Schema.NullOr(Schema.Struct({ datasetId: DatasetId, documentId: DocumentId }))
}))
const decodeCursor = Schema.decodeUnknownOption(Cursor)
const encodeCursor = Schema.encodeSync(Cursor)

const isDatasetId = Schema.is(DatasetId)
const isDocumentId = Schema.is(DocumentId)

interface Holding {
  readonly place: Place
  newest: number
}

/** What the blobs of a page belong to, in their order. */
const holdings = (blobs: ReadonlyArray<StoredBlob>): ReadonlyArray<Holding> => {
  const all = new Map<string, Holding>()
  for (const { key, modifiedAt } of blobs) {
    const [, datasetId, documentId] = key.split("/")
    if (!isDatasetId(datasetId) || !isDocumentId(documentId)) continue
    const known = all.get(`${datasetId}/${documentId}`) ?? { place: { datasetId, documentId }, newest: 0 }
    known.newest = Math.max(known.newest, modifiedAt.getTime())
    all.set(`${datasetId}/${documentId}`, known)
  }
  return [...all.values()]
}

/** Compares blobs and vectors with those they belong to, and counters with what they count. */
export const storeChecks = Effect.gen(function*() {
  const assets = yield* assetChecks
  const blobs = yield* BlobStore
  const repo = yield* StoreDriftRepo
  const { grace } = yield* Upkeep

  const look = Effect.fnUntraced(function*(tenantId: TenantId, cursor: string | null) {
    const { place, store } = Option.getOrElse(decodeCursor(cursor), () => ({ place: null, store: null }))
    const prefix = BlobKey.make(tenantId)
    const found = yield* blobs.page(prefix, { limit: page, after: store ?? undefined }).pipe(Effect.mapError(ofBlobs))
    const oldest = (yield* Clock.currentTimeMillis) - Duration.toMillis(grace)
    const held = holdings(found.blobs)
    const old = held.filter(({ newest }) => newest < oldest).map((one) => one.place)
    const ownerless = yield* repo.ownerless(tenantId, old)
    const strays = yield* assets.strays(tenantId, found.blobs.filter(({ modifiedAt }) => modifiedAt.getTime() < oldest))

    // The last document of a page may go on in the next one.
    const upTo = found.next === undefined ? null : held.at(-2)?.place
    const documents = upTo === undefined ? [] : yield* repo.documents(tenantId, place, upTo, page)
    const keys = new Set(found.blobs.filter(({ isWhole }) => isWhole).map(({ key }) => key))
    const missing = documents.filter(({ contentId, ...owner }) =>
      !keys.has(contentKey({ tenantId, ...owner }, contentId))
    )
    const last = documents.at(-1)
    const isMore = documents.length === page && last !== undefined
    const next = isMore
      ? { store, place: { datasetId: last.datasetId, documentId: last.documentId } }
      : found.next === undefined
      ? null
      : { store: found.next, place: upTo ?? place }
    return {
      suspects: [
        ...strays,
        ...ownerless.map(({ datasetId, documentId }): Suspect => ({
          kind: "blobWithoutOwner",
          key: [datasetId, documentId]
        })),
        ...missing.map(({ documentId }): Suspect => ({ kind: "documentWithoutBlob", key: [documentId] }))
      ],
      next: next === null ? null : encodeCursor(next)
    }
  })

  const originals: Check = {
    look,
    again: {
      blobWithoutOwner: Effect.fnUntraced(function*({ key, repair, tenantId }) {
        const place = { datasetId: DatasetId.make(key[0]!), documentId: DocumentId.make(key[1]!) }
        const prefix = documentPrefix({ tenantId, ...place })
        const there = yield* blobs.page(prefix, { limit: 1 }).pipe(Effect.mapError(ofBlobs))
        const [stillNobodys] = yield* repo.ownerless(tenantId, [place])
        if (there.blobs.length === 0 || stillNobodys === undefined) return "gone"
        if (!repair) return "found"
        yield* blobs.removePrefix(prefix).pipe(Effect.mapError(ofBlobs))
        return "mended"
      }),
      // Nobody can put it back but whoever has the file.
      documentWithoutBlob: Effect.fnUntraced(function*({ key, tenantId }) {
        const original = yield* repo.original(tenantId, DocumentId.make(key[0]!))
        if (Option.isNone(original)) return "gone"
        const { contentId, ...owner } = original.value
        const size = yield* blobs.size(contentKey({ tenantId, ...owner }, contentId)).pipe(Effect.mapError(ofBlobs))
        return Option.isSome(size) ? "gone" : "found"
      })
    }
  }

  const vectors: Check = {
    look: Effect.fnUntraced(function*(tenantId, cursor) {
      const [spaceId, textHash] = (cursor ?? "").split(" ")
      const after = spaceId !== undefined && textHash !== undefined ? [spaceId, textHash] as const : null
      const { found, next } = yield* repo.strayVectors(tenantId, after)
      return {
        suspects: found.map((vector) => ({
          kind: "vectorWithoutSegment",
          key: [vector.spaceId, vector.textHash]
        })),
        next: next === null ? null : next.join(" ")
      }
    }),
    again: {
      vectorWithoutSegment: ({ key: [spaceId, textHash], repair, tenantId, write }) =>
        Effect.map(
          write(repo.strayVector(tenantId, spaceId!, textHash!, { repair })),
          (isSo) => verdict(isSo, repair)
        )
    }
  }

  const counters: Check = {
    look: (tenantId, cursor) =>
      Effect.map(repo.miscounted(tenantId, cursor), ({ found, next }) => ({
        suspects: found.map((id) => ({ kind: "countOfDataset", key: [id] })),
        next
      })),
    again: {
      countOfDataset: ({ key: [id], repair, tenantId, write }) =>
        Effect.map(
          write(repo.recount(tenantId, DatasetId.make(id!), { repair })),
          (isSo) => verdict(isSo, repair)
        )
    }
  }

  return [originals, assets.missing, vectors, counters]
})
