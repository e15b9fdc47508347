import { VisibilityRpcs } from "@sheaf/domain/documents/VisibilityRpcs"
import { Authentication } from "@sheaf/domain/edge/middleware"
import { Effect } from "effect"
import { withCaller } from "../edge/withCaller.ts"
import { Visibility } from "./Visibility.ts"

const group = VisibilityRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const visibility = yield* Visibility
  return group.of({
    DocumentsEnable: withCaller(visibility.enable),
    DocumentsDisable: withCaller(visibility.disable),
    DocumentsArchive: withCaller(visibility.archive),
    DocumentsUnarchive: withCaller(visibility.unarchive),
    SegmentsEnable: withCaller(visibility.enableSegments),
    SegmentsDisable: withCaller(visibility.disableSegments)
  })
}))
