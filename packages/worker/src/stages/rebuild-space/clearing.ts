import { type ChangeRow, SpaceChangesRepo } from "@sheaf/adapters/repos/spaces/SpaceChangesRepo"
import { SpacePagesRepo } from "@sheaf/adapters/repos/spaces/SpacePagesRepo"
import { SpacesRepo } from "@sheaf/adapters/repos/spaces/SpacesRepo"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import type { Space } from "@sheaf/domain/spaces/Space"
import { Duration, Effect, Option } from "effect"
import * as Stage from "../../pipeline/Stage.ts"
import { ofIndex } from "../failures.ts"

type Work = Stage.Work<"RebuildSpace">

/** Segments whose vectors are looked at in one transaction. */
const page = 500

/** Few entries, if any. Far below what the database allows a transaction to stand still. */
const patience = Duration.seconds(5)

/** Removes what a dataset has in a space that it does not use: entries, counted as zero, and vectors that no other dataset needs. */
export const makeClearing = Effect.gen(function*() {
  const changes = yield* SpaceChangesRepo
  const index = yield* SearchIndex
  const pages = yield* SpacePagesRepo
  const spaces = yield* SpacesRepo

  const countEntries = ({ claim: { tenantId }, job: { datasetId } }: Work, space: Space) =>
    index.count(space, tenantId, { _tag: "Dataset", datasetId }).pipe(Effect.mapError(ofIndex))

  const clearIndex = Effect.fnUntraced(function*({ claim: { tenantId }, job: { datasetId } }: Work, space: Space) {
    const scope = { _tag: "Dataset", datasetId } as const
    yield* index.remove(space, tenantId, scope).pipe(Effect.mapError(ofIndex))
    const left = yield* index.count(space, tenantId, scope).pipe(Effect.mapError(ofIndex))
    if (left > 0) return yield* new Stage.TryAgain({ reason: `${left} index entries are left`, patient: true })
  })

  /** A page of vectors; `false` after the last one. */
  const clearVectors = (work: Work, change: ChangeRow, space: Space) =>
    work.write(Effect.gen(function*() {
      const { tenantId } = work.claim
      const { position } = yield* Effect.orDie(Effect.flatMap(changes.lock(tenantId, change.id), Effect.fromOption))
      const next = yield* pages.page(tenantId, change, "all", position, page)
      if (next.position === null) return false
      const vectors = yield* pages.removeVectors(tenantId, change, space.id, next.segments.map(({ id }) => id))
      yield* changes.recordRemoved(tenantId, change.id, { indexEntries: 0, vectors }, next.position)
      return true
    }))

  /** What somebody wrote late, who had looked before the change ended. The dataset's lock keeps it from being moved back meanwhile. */
  const lookAgain = ({ claim: { tenantId }, job: { datasetId }, write }: Work, space: Space) =>
    write(Effect.gen(function*() {
      if (Option.isNone(yield* changes.lockDataset(tenantId, datasetId))) return
      const places = yield* spaces.ofDataset(tenantId, datasetId)
      if (Option.isNone(places) || places.value.held.some(({ id }) => id === space.id)) return
      const scope = { _tag: "Dataset", datasetId } as const
      yield* index.count(space, tenantId, scope).pipe(
        Effect.flatMap((left) => left === 0 ? Effect.void : index.remove(space, tenantId, scope)),
        Effect.mapError(ofIndex),
        Effect.timeoutOrElse({
          duration: patience,
          orElse: () => Effect.fail(new Stage.TryAgain({ reason: "search index: remove", dependency: "search" }))
        })
      )
    }))

  return { countEntries, clearIndex, clearVectors, lookAgain }
})
