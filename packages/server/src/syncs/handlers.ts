import { Authentication } from "@sheaf/domain/edge/middleware"
import { SyncsRpcs } from "@sheaf/domain/syncs/SyncsRpcs"
import { Effect } from "effect"
import { withCaller } from "../edge/withCaller.ts"
import { Syncs } from "./Syncs.ts"
import { SyncSources } from "./SyncSources.ts"

const group = SyncsRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const sources = yield* SyncSources
  const syncs = yield* Syncs
  return group.of({
    SyncsImport: withCaller(syncs.import),
    SyncsBegin: withCaller(syncs.begin),
    SyncsGet: withCaller(syncs.get),
    SyncsList: withCaller(syncs.list),
    SyncsResults: withCaller(syncs.results),
    SyncsCancel: withCaller(syncs.cancel),
    SyncSourcesList: withCaller(sources.list),
    SyncSourcesUpdate: withCaller(sources.update),
    SyncSourcesDelete: withCaller(sources.remove),
    SyncItemsList: withCaller(sources.items),
    SyncItemsPause: withCaller(sources.pause),
    SyncItemsResume: withCaller(sources.resume)
  })
}))
