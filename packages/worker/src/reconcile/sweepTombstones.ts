import { BlobKey, BlobStore } from "@sheaf/adapters/blobs/BlobStore"
import { TombstonesRepo } from "@sheaf/adapters/repos/upkeep/TombstonesRepo"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { Effect } from "effect"

/**
 * Looks once more after what was put into index or blobs for tenants that are gone, by workers that had lost their lease and did not know:
 * nothing can fence such a write, and nobody reads it.
 */
export const sweepTombstones = Effect.gen(function*() {
  const blobs = yield* BlobStore
  const index = yield* SearchIndex
  const tombstones = yield* TombstonesRepo
  const page = 20
  const sweep = tombstones.unswept(page).pipe(
    Effect.tap(Effect.forEach(({ id, spaces }) =>
      Effect.gen(function*() {
        yield* Effect.forEach(spaces, (space) => index.remove(space, id, { _tag: "Tenant" }), { discard: true })
        yield* blobs.removePrefix(BlobKey.make(id))
        yield* tombstones.swept(id)
      }), { discard: true }))
  )
  return sweep.pipe(Effect.repeat({ while: (found) => found.length === page }))
})
