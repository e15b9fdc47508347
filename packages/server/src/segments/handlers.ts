import { Authentication } from "@sheaf/domain/edge/middleware"
import { SegmentsRpcs } from "@sheaf/domain/segments/SegmentsRpcs"
import { Effect } from "effect"
import { withCaller } from "../edge/withCaller.ts"
import { Segments } from "./Segments.ts"

const group = SegmentsRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const segments = yield* Segments
  return group.of({
    SegmentsList: withCaller(segments.list),
    SegmentsGet: withCaller(segments.get)
  })
}))
