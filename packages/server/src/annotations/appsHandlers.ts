import { AppsRpcs } from "@sheaf/domain/annotations/AppsRpcs"
import { Authentication } from "@sheaf/domain/edge/middleware"
import { Effect } from "effect"
import { withCaller } from "../edge/withCaller.ts"
import { Apps } from "./Apps.ts"

const group = AppsRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const apps = yield* Apps
  return group.of({
    AppsCreate: withCaller(apps.create),
    AppsGet: withCaller(apps.get),
    AppsList: withCaller(apps.list),
    AppsUpdate: withCaller(apps.update),
    AppsSetReply: withCaller(apps.setReply),
    AppsArchive: withCaller(apps.archive),
    AppsUnarchive: withCaller(apps.unarchive),
    AppsDelete: withCaller(apps.remove)
  })
}))
