import { derivedId } from "@sheaf/adapters/repos/derivedId"
import { type ImportPlace, ImportWorkRepo } from "@sheaf/adapters/repos/imports/ImportWorkRepo"
import { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import { JobId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const page = 100

/** Ends imports whose file did not come in its time. Their job removes what has come of it. */
export const sweepImports = Effect.gen(function*() {
  const imports = yield* ImportWorkRepo
  const jobs = yield* JobsRepo
  const transaction = transact(yield* SqlClient.SqlClient)

  const sweep = (place: ImportPlace) =>
    transaction(Effect.gen(function*() {
      if (!(yield* imports.abandon(place))) return
      const { id: importId, tenantId } = place
      yield* jobs.enqueue(tenantId, [{
        id: JobId.make(derivedId("import", importId)),
        lane: "bulk",
        job: { _tag: "ImportRows", version: 1, importId }
      }])
    }))
  return imports.abandoned(page).pipe(
    Effect.tap(Effect.forEach(sweep, { discard: true })),
    Effect.repeat({ while: (found) => found.length === page })
  )
})
