import { DriftRpcs } from "@sheaf/domain/admin/DriftRpcs"
import { Authentication } from "@sheaf/domain/edge/middleware"
import { Effect } from "effect"
import { withCaller } from "../edge/withCaller.ts"
import { Drift } from "./Drift.ts"

const group = DriftRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const drift = yield* Drift
  return group.of({
    DriftLook: withCaller(drift.look),
    DriftReports: withCaller(drift.reports),
    DriftLookEverywhere: withCaller(drift.lookEverywhere),
    DriftSummaries: withCaller(drift.summaries)
  })
}))
