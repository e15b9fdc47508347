import { Authentication } from "@sheaf/domain/edge/middleware"
import { SpaceChangesRpcs } from "@sheaf/domain/spaces/SpaceChangesRpcs"
import { Effect } from "effect"
import { withCaller } from "../edge/withCaller.ts"
import { SpaceChanges } from "./SpaceChanges.ts"

const group = SpaceChangesRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const changes = yield* SpaceChanges
  return group.of({
    DatasetsChangeSpace: withCaller(changes.start),
    SpaceChangesList: withCaller(changes.list),
    SpaceChangesGet: withCaller(changes.get),
    SpaceChangesPause: withCaller(changes.pause),
    SpaceChangesResume: withCaller(changes.resume),
    SpaceChangesCancel: withCaller(changes.cancel),
    SpaceChangesRetry: withCaller(changes.retry)
  })
}))
