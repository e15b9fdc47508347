import { Authentication } from "@sheaf/domain/edge/middleware"
import { SegmentChangesRpcs } from "@sheaf/domain/segments/SegmentChangesRpcs"
import { Effect } from "effect"
import { withCaller } from "../edge/withCaller.ts"
import { SegmentChanges } from "./SegmentChanges.ts"

const group = SegmentChangesRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const changes = yield* SegmentChanges
  return group.of({
    SegmentsAdd: withCaller(changes.add),
    SegmentsEdit: withCaller(changes.edit),
    SegmentsDelete: withCaller(changes.remove),
    SegmentsChanges: withCaller(changes.list),
    SegmentsForgetChanges: withCaller(changes.forget)
  })
}))
