import { assetKey, BlobStore, type StoredBlob } from "@sheaf/adapters/blobs/BlobStore"
import { AssetsRepo } from "@sheaf/adapters/repos/documents/AssetsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { AssetDriftRepo, type AssetPlace } from "@sheaf/adapters/repos/upkeep/AssetDriftRepo"
import type { Suspect } from "@sheaf/adapters/repos/upkeep/ReconciliationsRepo"
import { DatasetId, DocumentId, Sha256, type TenantId } from "@sheaf/domain/ids"
import { Effect, Option, Schema } from "effect"
import { ofBlobs } from "../../stages/failures.ts"
import { type Check, verdict } from "../Check.ts"

/** Rows looked through at a time: each costs a request to the store. */
const page = 200
const concurrency = 8

const Key = Schema.Struct({ datasetId: DatasetId, documentId: DocumentId, hash: Sha256 })
const readPlace = Schema.decodeUnknownOption(Key)

const placeOf = ([datasetId, documentId, hash]: ReadonlyArray<string | undefined>): Option.Option<AssetPlace> =>
  readPlace({ datasetId, documentId, hash })

const suspect = (kind: Suspect["kind"]) => ({ datasetId, documentId, hash }: AssetPlace): Suspect => ({
  kind,
  key: [datasetId, documentId, hash]
})

/**
 * Compares rows and blobs of assets. `strays` is for whoever looks through the blobs anyway: of those that are old enough, the ones that
 * no row speaks of.
 */
export const assetChecks = Effect.gen(function*() {
  const assets = yield* AssetsRepo
  const blobs = yield* BlobStore
  const documents = yield* DocumentsRepo
  const repo = yield* AssetDriftRepo

  const isThere = (tenantId: TenantId, { hash, ...owner }: AssetPlace) =>
    blobs.size(assetKey({ tenantId, ...owner }, hash)).pipe(Effect.mapError(ofBlobs), Effect.map(Option.isSome))

  const strays = (tenantId: TenantId, old: ReadonlyArray<StoredBlob>) => {
    const places = old.flatMap(({ key }) => {
      const [, datasetId, documentId, folder, hash] = key.split("/")
      return folder === "assets" ? Option.toArray(placeOf([datasetId, documentId, hash])) : []
    })
    return Effect.map(repo.unknown(tenantId, places), (found) => found.map(suspect("blobOfNoAsset")))
  }

  const missing: Check = {
    look: Effect.fnUntraced(function*(tenantId, cursor) {
      const [documentId, hash] = (cursor ?? "").split(" ")
      const after = placeOf([documentId, documentId, hash])
      const found = yield* repo.after(tenantId, Option.getOrNull(after), page)
      const there = yield* Effect.forEach(found, (place) => isThere(tenantId, place), { concurrency })
      const last = found.at(-1)
      return {
        suspects: found.filter((_, at) => !there[at]).map(suspect("assetWithoutBlob")),
        next: found.length < page || last === undefined ? null : `${last.documentId} ${last.hash}`
      }
    }),
    again: {
      // The next run that wants it finds it in the document again.
      assetWithoutBlob: Effect.fnUntraced(function*({ key, repair, tenantId, write }) {
        const place = placeOf(key)
        if (Option.isNone(place)) return "gone"
        const { documentId, hash } = place.value
        return yield* write(Effect.gen(function*() {
          yield* documents.lock(tenantId, documentId)
          const row = yield* assets.find(tenantId, documentId, hash)
          const isSo = Option.isSome(row) && !(yield* isThere(tenantId, place.value))
          if (isSo && repair) yield* assets.remove(tenantId, documentId, [hash])
          return verdict(isSo, repair)
        }))
      }),
      // Whoever records it looks for the blob under the same lock.
      blobOfNoAsset: Effect.fnUntraced(function*({ key, repair, tenantId, write }) {
        const place = placeOf(key)
        if (Option.isNone(place)) return "gone"
        const { hash, ...owner } = place.value
        return yield* write(Effect.gen(function*() {
          yield* documents.lock(tenantId, owner.documentId)
          const unknown = yield* repo.unknown(tenantId, [place.value])
          const isSo = unknown.length > 0 && (yield* isThere(tenantId, place.value))
          if (isSo && repair) {
            yield* blobs.removePrefix(assetKey({ tenantId, ...owner }, hash)).pipe(Effect.mapError(ofBlobs))
          }
          return verdict(isSo, repair)
        }))
      })
    }
  }

  return { missing, strays }
})
