import { AnnotationsRepo } from "@sheaf/adapters/repos/annotations/AnnotationsRepo"
import { AppsRepo } from "@sheaf/adapters/repos/annotations/AppsRepo"
import { Effect } from "effect"
import * as Stage from "../../pipeline/Stage.ts"

/** Annotations taken away in one transaction, with their vectors and their history. */
const page = 500

/** Ends the deletion of an app: its annotations go page by page, and its row when none is left. */
export const purgeApp = Effect.gen(function*() {
  const annotations = yield* AnnotationsRepo
  const apps = yield* AppsRepo

  return Stage.make({
    handles: "PurgeApp",
    concurrency: 1,
    timeout: "10 minutes",
    run: Effect.fn("purgeApp")(function*({ claim: { tenantId }, job: { appId }, write }) {
      yield* write(annotations.purgePage(tenantId, appId, page)).pipe(Effect.repeat({ while: (gone) => gone > 0 }))
      // The rows' foreign key: it does not go while one is left.
      return apps.purge(tenantId, appId)
    })
  })
})
