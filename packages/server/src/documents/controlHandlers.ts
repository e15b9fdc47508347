import { ControlRpcs } from "@sheaf/domain/documents/ControlRpcs"
import { Authentication } from "@sheaf/domain/edge/middleware"
import { Effect } from "effect"
import { withCaller } from "../edge/withCaller.ts"
import { Previews } from "./Previews.ts"
import { Runs } from "./Runs.ts"

const group = ControlRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const previews = yield* Previews
  const runs = yield* Runs
  return group.of({
    DocumentsRun: withCaller(runs.run),
    DocumentsSettings: withCaller(runs.settings),
    DocumentsPreview: withCaller(previews.document),
    DocumentsPreviewText: withCaller(previews.text),
    DocumentsRetry: withCaller(runs.retry),
    DocumentsCancel: withCaller(runs.cancel),
    DocumentsPause: withCaller(runs.pause),
    DocumentsResume: withCaller(runs.resume),
    DocumentsPrioritise: withCaller(runs.prioritise),
    DocumentsRuns: withCaller(runs.list)
  })
}))
