import { embedders } from "@sheaf/adapters/embedding/Embedders"
import { SpaceControl } from "@sheaf/adapters/lifecycle/SpaceControl"
import type { PageOptions } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { SpaceChangesRepo } from "@sheaf/adapters/repos/spaces/SpaceChangesRepo"
import type { DatasetNotFound } from "@sheaf/domain/datasets/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { BadRequest } from "@sheaf/domain/edge/errors"
import type { DatasetId, PageCursor, SpaceChangeId, SpaceId } from "@sheaf/domain/ids"
import { type SpaceChangeConflict, SpaceChangeNotFound, SpaceNotServed } from "@sheaf/domain/spaces/errors"
import type { SpaceChange } from "@sheaf/domain/spaces/SpaceChange"
import { Context, Effect, Layer, Option } from "effect"
import { pageOr } from "../edge/pageOr.ts"
import { Datasets } from "./Datasets.ts"

interface OfChange {
  readonly changeId: SpaceChangeId
}

type Steer = (caller: Caller, change: OfChange) => Effect.Effect<SpaceChange, SpaceChangeNotFound | SpaceChangeConflict>

/** Moves of datasets to other embedding spaces. Changes are part of the caller's transaction. */
export class SpaceChanges extends Context.Service<SpaceChanges, {
  /** To the space of this server's embedder, if none is named. */
  readonly start: (
    caller: Caller,
    to: { readonly datasetId: DatasetId; readonly spaceId?: SpaceId }
  ) => Effect.Effect<SpaceChange, DatasetNotFound | SpaceChangeConflict | SpaceNotServed>
  readonly get: (caller: Caller, change: OfChange) => Effect.Effect<SpaceChange, SpaceChangeNotFound>
  readonly list: (caller: Caller, options: PageOptions & { readonly datasetId: DatasetId }) => Effect.Effect<
    { readonly items: ReadonlyArray<SpaceChange>; readonly next?: PageCursor },
    DatasetNotFound | BadRequest
  >
  readonly pause: Steer
  readonly resume: Steer
  readonly cancel: Steer
  readonly retry: Steer
}>()("@sheaf/server/datasets/SpaceChanges") {
  static readonly layer = Layer.effect(
    SpaceChanges,
    Effect.gen(function*() {
      const changes = yield* SpaceChangesRepo
      const control = yield* SpaceControl
      const datasets = yield* Datasets
      const { all, find, own } = yield* embedders

      const get: SpaceChanges["Service"]["get"] = Effect.fn("SpaceChanges.get")(function*(caller, { changeId }) {
        const found = yield* changes.find(caller, changeId)
        if (Option.isNone(found)) return yield* new SpaceChangeNotFound({ changeId })
        return found.value
      })

      const start: SpaceChanges["Service"]["start"] = Effect.fn("SpaceChanges.start")(
        function*(caller, { datasetId, spaceId = own.space.id }) {
          const dataset = yield* datasets.get(caller, { datasetId })
          const embedder = find(spaceId)
          if (Option.isNone(embedder)) {
            const served = all.map(({ space: { id, model } }) => ({ id, model }))
            return yield* new SpaceNotServed({ spaceId, served })
          }
          const changeId = yield* control.start(caller, dataset.id, embedder.value.space)
          return yield* Effect.orDie(get(caller, { changeId }))
        }
      )

      const list: SpaceChanges["Service"]["list"] = Effect.fn("SpaceChanges.list")(function*(caller, options) {
        yield* datasets.get(caller, options)
        return yield* pageOr(changes.list(caller, options))
      })

      const steer = (how: (typeof control)["pause"]): Steer =>
        Effect.fnUntraced(function*(caller, { changeId }) {
          yield* get(caller, { changeId })
          yield* how(caller, changeId)
          return yield* get(caller, { changeId })
        })

      return SpaceChanges.of({
        start,
        get,
        list,
        pause: steer(control.pause),
        resume: steer(control.resume),
        cancel: steer(control.cancel),
        retry: steer(control.retry)
      })
    })
  )
}
