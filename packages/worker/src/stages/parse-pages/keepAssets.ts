import { assetKey, type BlobOwner, BlobStore } from "@sheaf/adapters/blobs/BlobStore"
import { AssetsRepo, type NewAsset } from "@sheaf/adapters/repos/documents/AssetsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { AssetType } from "@sheaf/domain/documents/Asset"
import { cleanName } from "@sheaf/domain/documents/cleanName"
import type { Element } from "@sheaf/domain/documents/Element"
import type { RunId, Sha256 } from "@sheaf/domain/ids"
import { limits } from "@sheaf/domain/limits"
import { Duration, Effect, Option, Schema, Stream } from "effect"
import type { ParsedAsset } from "../../parsing/jail/AssetAssembly.ts"
import * as Stage from "../../pipeline/Stage.ts"
import { ofBlobs } from "../failures.ts"
import { ownerOf } from "../owner.ts"
import { pictureSize } from "./pictureSize.ts"

/** Assets recorded in one transaction, which looks for their blobs while it holds the document. */
const page = 200

/** Requests to the blob store at a time. */
const concurrency = 16

const isType = Schema.is(AssetType)

/** What is found in one range of a document, as far as it is kept. */
export interface Keeper {
  /** Stores the bytes; the blob is there when this returns, unless the document has as much as it may have. */
  readonly keep: (asset: ParsedAsset) => Effect.Effect<void, Stage.TryAgain | Stage.BadJob>
  /** What has been kept since this was last asked for. */
  readonly fresh: () => ReadonlyArray<NewAsset>
  /** The element without what was not kept. */
  readonly withKept: (element: Element) => Element
  /** Everything that was kept. */
  readonly all: () => ReadonlyArray<NewAsset>
  /** How many had to be left out. */
  readonly leftOut: () => number
}

/**
 * Keeps what parsers find in documents. Blobs are named by what they hold and written once; `record` says, in a transaction of the job,
 * that the run has them. A purge takes away blob and row under the document's lock, under which `record` looks for the blob: so a row that
 * a run has recorded always has its blob.
 */
export const keepAssets = Effect.gen(function*() {
  const assets = yield* AssetsRepo
  const blobs = yield* BlobStore
  const documents = yield* DocumentsRepo

  const isThere = (owner: BlobOwner) => ({ hash }: NewAsset) =>
    blobs.size(assetKey(owner, hash)).pipe(Effect.mapError(ofBlobs), Effect.map(Option.isSome))

  /** `false`: the blobs of some are not there, and have to be made again. */
  const areThere = (owner: BlobOwner, wanted: ReadonlyArray<NewAsset>) =>
    Effect.forEach(wanted, isThere(owner), { concurrency }).pipe(Effect.map((found) => found.every(Boolean)))

  /** Begins to keep what is found in one range. The limits are those of the document, as far as other ranges have told by now. */
  const begin = (owner: BlobOwner, runId: RunId): Keeper => {
    const kept = new Map<Sha256, NewAsset>()
    let before: { readonly count: number; readonly bytes: number } | undefined
    let bytes = 0
    let dropped = 0
    let fresh: Array<NewAsset> = []
    const keep: Keeper["keep"] = Effect.fnUntraced(function*(asset) {
      const { hash } = asset
      if (kept.has(hash)) return
      before ??= yield* assets.totals(owner.tenantId, runId)
      const total = before.bytes + bytes + asset.bytes.length
      if (before.count + kept.size >= limits.maxAssets || total > limits.maxAssetBytes) {
        dropped++
        return
      }
      yield* blobs.put(assetKey(owner, hash), Stream.make(asset.bytes)).pipe(
        Effect.catchTag("BlobExists", () => Effect.void),
        Effect.mapError(ofBlobs)
      )
      const described = describe(asset)
      kept.set(hash, described)
      fresh.push(described)
      bytes += asset.bytes.length
    })
    return {
      keep,
      fresh: () => {
        const taken = fresh
        fresh = []
        return taken
      },
      withKept: (element) =>
        element.assets === undefined || element.assets.every(({ hash }) => kept.has(hash))
          ? element
          : { ...element, assets: element.assets.filter(({ hash }) => kept.has(hash)) },
      all: () => [...kept.values()],
      leftOut: () => dropped
    }
  }

  /** Says that the run has these. What a purge has taken away meanwhile is made again by another attempt. */
  const record = Effect.fnUntraced(function*(work: Stage.Work<"ParsePages">, found: ReadonlyArray<NewAsset>) {
    const { claim: { tenantId }, job, write } = work
    const owner = ownerOf(work)
    for (let at = 0; at < found.length; at += page) {
      const some = found.slice(at, at + page)
      yield* write(Effect.gen(function*() {
        yield* documents.lock(tenantId, job.documentId)
        if (!(yield* areThere(owner, some))) {
          const reason = "pictures went with an older version"
          return yield* new Stage.TryAgain({ reason, patient: true, delay: Duration.millis(500) })
        }
        yield* assets.record(tenantId, job, some)
      }))
    }
  })

  return { areThere, begin, record }
})

/** The type and the name are the document's own words. */
const describe = ({ bytes, hash, mediaType, name }: ParsedAsset): NewAsset => {
  const type = mediaType.toLowerCase()
  const { height, width } = pictureSize(bytes) ?? { width: null, height: null }
  return {
    hash,
    mediaType: isType(type) ? type : "application/octet-stream",
    size: bytes.length,
    name: name === undefined || name.trim() === "" ? null : cleanName(name),
    width,
    height
  }
}
