import { BlobStore, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import { importOwner } from "@sheaf/adapters/blobs/importFile"
import { AppsRepo } from "@sheaf/adapters/repos/annotations/AppsRepo"
import { derivedId } from "@sheaf/adapters/repos/derivedId"
import { ImportsRepo } from "@sheaf/adapters/repos/imports/ImportsRepo"
import { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { transact } from "@sheaf/adapters/repos/rows"
import type { IfExists } from "@sheaf/domain/annotations/Annotation"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { type AppId, ImportId, JobId, type PageCursor } from "@sheaf/domain/ids"
import { type ImportReading, type ImportRow, isImportOver } from "@sheaf/domain/imports/Import"
import { importLimits } from "@sheaf/domain/imports/importLimits"
import type { ImportTarget } from "@sheaf/domain/imports/ImportTarget"
import { Clock, Effect, Schedule, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { some } from "../repos/world.ts"

// For tests of imports: what the API does, without it.

export const really = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.provideService(effect, Clock.Clock, Clock.Clock.defaultValue())

let serial = 0

export const makeApp = Effect.fnUntraced(function*(caller: Caller) {
  const apps = yield* AppsRepo
  return some(yield* apps.insert(caller, { name: `app ${++serial}`, description: "", threshold: 0.8 }))
})

export interface ImportFile {
  readonly target: ImportTarget
  readonly bytes: string | Uint8Array
  readonly name?: string
  readonly ifExists?: IfExists
  readonly reading?: ImportReading
}

/** An import with its file and its job, as the API makes them. */
export const begin = Effect.fnUntraced(
  function*(caller: Caller, { bytes, ifExists = "skip", name = "a.csv", reading = {}, target }: ImportFile) {
    const blobs = yield* BlobStore
    const imports = yield* ImportsRepo
    const jobs = yield* JobsRepo
    const transaction = transact(yield* SqlClient.SqlClient)
    const { tenantId } = caller
    const id = yield* newId(ImportId)
    const wanted = { id, target, name, size: null, ifExists, reading }
    some(yield* transaction(imports.insert(caller, importLimits.open, wanted)))
    const content = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes
    const file = yield* blobs.put(rawKey(importOwner(tenantId, id)), Stream.succeed(content))
    yield* transaction(Effect.andThen(
      imports.uploaded(tenantId, id, file),
      jobs.enqueue(tenantId, [{
        id: JobId.make(derivedId("import", id)),
        lane: "interactive",
        job: { _tag: "ImportRows", version: 1, importId: id }
      }])
    ))
    return id
  }
)

/** Looks until the import is over. */
export const over = Effect.fnUntraced(function*(caller: Caller, id: ImportId) {
  const imports = yield* ImportsRepo
  return yield* imports.find(caller, id).pipe(
    Effect.map(some),
    Effect.repeat({ until: ({ state }) => isImportOver(state), schedule: Schedule.spaced("20 millis") }),
    really
  )
})

export const imported = Effect.fnUntraced(function*(caller: Caller, file: ImportFile) {
  return yield* over(caller, yield* begin(caller, file))
})

/** Every row. */
export const rowsOf = Effect.fnUntraced(function*({ tenantId }: Caller, importId: ImportId) {
  const imports = yield* ImportsRepo
  const all: Array<ImportRow> = []
  for (let cursor: PageCursor | undefined, more = true; more;) {
    const page = some(yield* imports.rows(tenantId, { importId, limit: 200, ...(cursor !== undefined && { cursor }) }))
    all.push(...page.items)
    cursor = page.next
    more = cursor !== undefined
  }
  return all
})

/** Rows in short: number, what became of it, and why. */
export const outcomes = (rows: ReadonlyArray<ImportRow>) =>
  rows.map((
    { number, problem, state }
  ) => [number, state, ...(problem === null ? [] : [problem.reason, problem.field])])

/** Questions and answers of an app, in the order in which they were made. */
export const answersOf = Effect.fnUntraced(function*({ tenantId }: Caller, appId: AppId) {
  const sql = yield* SqlClient.SqlClient
  const found = yield* sql`select question, answer from annotations
    where tenant_id = ${tenantId} and app_id = ${appId} order by id`
  return found.map(({ answer, question }) => [question, answer])
})
