import { assert, it } from "@effect/vitest"
import { BlobStore, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import { Removal } from "@sheaf/adapters/lifecycle/Removal"
import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import { ReconciliationsRepo } from "@sheaf/adapters/repos/upkeep/ReconciliationsRepo"
import type { DriftReport } from "@sheaf/domain/admin/DriftRpcs"
import type { TenantId } from "@sheaf/domain/ids"
import { Clock, Effect, Fiber, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { library, text } from "./drift/library.ts"
import { plants } from "./drift/plants.ts"
import { makeTenant, some } from "./repos/world.ts"
import { ingest, layer, makeDataset, until } from "./support/Pipeline.ts"

const really = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.provideService(effect, Clock.Clock, Clock.Clock.defaultValue())

const often = Schedule.spaced("30 millis")

/** Looks through a tenant to the end. */
const looked = Effect.fnUntraced(function*(tenantId: TenantId, options: { readonly repair: boolean }) {
  const looks = yield* ReconciliationsRepo
  const sql = yield* SqlClient.SqlClient
  // One that began by itself, because it was time, goes first.
  const idle = sql`select 1 from reconciliations where tenant_id = ${tenantId} and finished_at is null`
  yield* idle.pipe(Effect.repeat({ until: (open) => open.length === 0, schedule: often }), really)
  const { id } = yield* transact(sql)(looks.begin(tenantId, { ...options, askedBy: null }))
  const report = looks.list(tenantId, { limit: 10 }).pipe(
    Effect.map((page) => some(page).items.find((item) => item.id === id)!)
  )
  return yield* report.pipe(Effect.repeat({ until: ({ finishedAt }) => finishedAt !== null, schedule: often }), really)
})

const summary = ({ findings }: DriftReport) =>
  Object.fromEntries(findings.map(({ found, kind, mended }) => [kind, [found, mended]]))

it.layer(layer, { timeout: "300 seconds" })("drift", (it) => {
  for (const [name, { finds, mended: isMended, plant }] of Object.entries(plants)) {
    it.effect(`finds ${name}, leaves it when it is only to look, and puts it right`, () =>
      Effect.gen(function*() {
        const here = yield* library(finds)
        yield* plant(here)
        // Leases are freed by whoever comes first.
        if (finds !== "expiredLease") {
          const seen = yield* looked(here.tenantId, { repair: false })
          assert.isAtLeast(summary(seen)[finds]?.[0] ?? 0, 1, JSON.stringify(seen.findings))
          assert.strictEqual(summary(seen)[finds]?.[1], 0)
          const repaired = yield* looked(here.tenantId, { repair: true })
          assert.isAtLeast(summary(repaired)[finds]?.[1] ?? 0, 1, JSON.stringify(repaired.findings))
        }
        yield* isMended(here).pipe(Effect.repeat({ until: (done) => done, schedule: often }), really)
        // What a repair has set off may itself have had something to correct: in the end there is nothing.
        yield* looked(here.tenantId, { repair: true }).pipe(
          Effect.repeat({ until: ({ findings }) => findings.length === 0, times: 3 })
        )
        assert.deepStrictEqual((yield* looked(here.tenantId, { repair: false })).findings, [])
      }))
  }

  it.effect("reports an original that is missing, which nobody can put back", () =>
    Effect.gen(function*() {
      const blobs = yield* BlobStore
      const { datasetId, documentId, tenantId } = yield* library("lost")
      yield* blobs.removePrefix(rawKey({ tenantId, datasetId, documentId }))
      const report = yield* looked(tenantId, { repair: true })
      assert.deepStrictEqual(summary(report), { documentWithoutBlob: [1, 0] })
      assert.deepStrictEqual(report.findings[0]?.examples, [documentId as string])
    }))

  it.effect("finds nothing while documents come, are built again, hidden, changed and deleted", () =>
    Effect.gen(function*() {
      const datasets = yield* DatasetsRepo
      const removal = yield* Removal
      const sql = yield* SqlClient.SqlClient
      const { caller, tenantId } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      const work = Effect.forEach(Array.from({ length: 8 }, (_, i) => i), (i) =>
        Effect.gen(function*() {
          const { documentId } = yield* ingest(caller, datasetId, { name: `${i}.md`, bytes: text(`topic ${i % 3}`) })
          if (i % 2 === 0) yield* until(caller, documentId)
          if (i % 3 === 0) yield* transact(sql)(removal.document(caller, documentId))
        }), { concurrency: 2, discard: true })
      const reports: Array<DriftReport> = []
      const looking = yield* Effect.forkChild(
        looked(tenantId, { repair: true }).pipe(
          Effect.tap((report) => Effect.sync(() => reports.push(report))),
          Effect.forever
        )
      )
      yield* work
      const busy = sql`select 1 from documents d join runs r on r.tenant_id = d.tenant_id and r.id = d.latest_run_id
        where d.tenant_id = ${tenantId} and (d.deleting or r.state <> 'published')`
      yield* busy.pipe(Effect.repeat({ until: (found) => found.length === 0, schedule: often }), really)
      yield* Fiber.interrupt(looking)
      yield* looked(tenantId, { repair: true })
      assert.isAtLeast(reports.length, 1)
      assert.deepStrictEqual(reports.flatMap(({ findings }) => findings), [])
      assert.strictEqual(some(yield* datasets.find(caller, datasetId)).documents, 5)
    }))
})
