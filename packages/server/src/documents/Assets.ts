import type { BlobOwner } from "@sheaf/adapters/blobs/BlobStore"
import { type AssetsListed, AssetsRepo } from "@sheaf/adapters/repos/documents/AssetsRepo"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import type { Asset } from "@sheaf/domain/documents/Asset"
import { AssetNotFound, type DocumentNotFound } from "@sheaf/domain/documents/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { BadRequest } from "@sheaf/domain/edge/errors"
import type { DocumentId, PageCursor, SegmentId, Sha256 } from "@sheaf/domain/ids"
import { SegmentNotFound } from "@sheaf/domain/segments/errors"
import { Context, Effect, Layer, Option } from "effect"
import { pageOr } from "../edge/pageOr.ts"
import { Documents } from "./Documents.ts"

/** Pictures and files that were found in documents. Whoever may see a document may see them. */
export class Assets extends Context.Service<Assets, {
  readonly list: (
    caller: Caller,
    options: Omit<AssetsListed, "hashes"> & { readonly segmentId?: SegmentId }
  ) => Effect.Effect<
    { readonly items: ReadonlyArray<Asset>; readonly next?: PageCursor },
    DocumentNotFound | SegmentNotFound | BadRequest
  >
  /** What it is, and whose blob it is. */
  readonly find: (
    caller: Caller,
    named: { readonly documentId: DocumentId; readonly hash: Sha256 }
  ) => Effect.Effect<{ readonly asset: Asset; readonly owner: BlobOwner }, DocumentNotFound | AssetNotFound>
}>()("@sheaf/server/documents/Assets") {
  static readonly layer = Layer.effect(
    Assets,
    Effect.gen(function*() {
      const documents = yield* Documents
      const repo = yield* AssetsRepo
      const segments = yield* SegmentsRepo

      const list: Assets["Service"]["list"] = Effect.fn("Assets.list")(function*(caller, { segmentId, ...options }) {
        yield* documents.get(caller, options)
        if (segmentId === undefined) return yield* pageOr(repo.published(caller.tenantId, options))
        const segment = yield* segments.find(caller, options.documentId, segmentId)
        if (Option.isNone(segment)) return yield* new SegmentNotFound({ segmentId })
        const hashes = segment.value.assets.map(({ hash }) => hash)
        return yield* pageOr(repo.published(caller.tenantId, { ...options, hashes }))
      })

      const find: Assets["Service"]["find"] = Effect.fn("Assets.find")(function*(caller, { documentId, hash }) {
        const { datasetId } = yield* documents.get(caller, { documentId })
        const asset = yield* repo.find(caller.tenantId, documentId, hash)
        if (Option.isNone(asset)) return yield* new AssetNotFound({ documentId, hash })
        return { asset: asset.value, owner: { tenantId: caller.tenantId, datasetId, documentId } }
      })

      return Assets.of({ list, find })
    })
  )
}
