import { Authentication } from "@sheaf/domain/edge/middleware"
import { IngestRpcs } from "@sheaf/domain/ingest/IngestRpcs"
import { Effect } from "effect"
import { withCaller } from "../edge/withCaller.ts"
import { IngestLog } from "./IngestLog.ts"

const group = IngestRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const log = yield* IngestLog
  return group.of({ IngestEventsList: withCaller(log.list) })
}))
