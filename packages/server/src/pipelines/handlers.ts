import { Authentication } from "@sheaf/domain/edge/middleware"
import { PipelinesRpcs } from "@sheaf/domain/pipelines/PipelinesRpcs"
import { Effect } from "effect"
import { withCaller } from "../edge/withCaller.ts"
import { Pipelines } from "./Pipelines.ts"

const group = PipelinesRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const pipelines = yield* Pipelines
  return group.of({
    PipelinesCreate: withCaller(pipelines.create),
    PipelinesGet: withCaller(pipelines.get),
    PipelinesList: withCaller(pipelines.list),
    PipelinesUpdate: withCaller(pipelines.update),
    PipelinesDelete: withCaller(pipelines.remove)
  })
}))
