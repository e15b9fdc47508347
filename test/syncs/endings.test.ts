import { assert, it } from "@effect/vitest"
import { ConnectionsRepo } from "@sheaf/adapters/repos/connections/ConnectionsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { OperationsRepo } from "@sheaf/adapters/repos/operations/OperationsRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import { SyncSourcesRepo } from "@sheaf/adapters/repos/syncs/SyncSourcesRepo"
import { SyncsRepo } from "@sheaf/adapters/repos/syncs/SyncsRepo"
import { Connections } from "@sheaf/server/connections/Connections"
import { Syncs } from "@sheaf/server/syncs/Syncs"
import { scheduledSyncs } from "@sheaf/worker/reconcile/scheduledSyncs"
import { Effect, Option, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { some } from "../repos/world.ts"
import { paragraph, type Workspace } from "../support/notion/Workspace.ts"
import { Double, later, meanwhile, really, whole, world } from "./world.ts"

/** Pages that are edited in this order, and so have their turn. */
const three = (workspace: Workspace) =>
  ["Bow", "Hull", "Stern"].map((title) =>
    workspace.addPage({ title, blocks: [paragraph(`The ${title.toLowerCase()} is made of oak.`)] })
  )

it.layer(whole, { timeout: "120 seconds" })("a sync that ends before its time", (it) => {
  it.effect(
    "leaves what was done when its connection is disabled, and the next one does the rest",
    () =>
      Effect.gen(function*() {
        const connections = yield* Connections
        const sql = yield* SqlClient.SqlClient
        const { caller, connectionId, sync, workspace } = yield* world
        three(workspace)
        yield* meanwhile(/pages\//, transact(sql)(connections.disable(caller, { connectionId })))
        const stopped = yield* sync()
        assert.deepInclude(stopped, { state: "failed", total: 3, cause: { _tag: "ConnectionDisabled" } })
        assert.deepStrictEqual(stopped.counts, { created: 1 })
        yield* transact(sql)(connections.enable(caller, { connectionId }))
        assert.deepInclude(yield* sync(), { state: "finished", counts: { created: 2, unchanged: 1 } })
      }),
    60_000
  )

  it.effect("says that the token is refused, once, and changes nothing that serves", () =>
    Effect.gen(function*() {
      const { token, workspace: { tokens } } = yield* Double
      const connections = yield* ConnectionsRepo
      const { caller, connectionId, events, sync, tenantId, text, workspace } = yield* world
      const pages = three(workspace)
      yield* sync()
      for (const { id } of pages) workspace.edit(id, { blocks: [paragraph("Made of steel.")] })
      for (const page of pages) later(page)
      yield* meanwhile(/blocks\//, Effect.sync(() => tokens.delete("ntn_double")))
      const stopped = yield* sync()
      assert.deepInclude(stopped, { state: "failed", counts: {} })
      assert.deepInclude(stopped.cause, { _tag: "ConnectionRevoked" })
      assert.include(yield* text("Bow"), "oak")
      assert.strictEqual((yield* sync()).state, "failed")
      const revoked = (yield* events).filter(({ _tag }) => _tag === "ConnectionRevoked")
      assert.lengthOf(revoked, 1)
      assert.deepInclude(revoked[0], { connectionId, name: "n" })
      tokens.add("ntn_double")
      yield* connections.setToken(tenantId, connectionId, token)
      assert.strictEqual(some(yield* connections.find(caller.tenantId, connectionId)).state, "connected")
      assert.deepInclude(yield* sync(), { counts: { updated: 3 } })
      assert.include(yield* text("Bow"), "steel")
    }), 120_000)

  it.effect(
    "is over when its connection is deleted, and takes the documents along where that is asked for",
    () =>
      Effect.gen(function*() {
        const connections = yield* Connections
        const operations = yield* OperationsRepo
        const repo = yield* ConnectionsRepo
        const sql = yield* SqlClient.SqlClient
        const syncs = yield* SyncsRepo
        const { begin, caller, connectionId, events, sync, tenantId, workspace } = yield* world
        const pages = three(workspace)
        yield* sync()
        later(pages[1]!)
        const removed = transact(sql)(connections.remove(caller, { connectionId, documents: "delete" }))
        const answers: Array<Effect.Success<typeof removed>> = []
        yield* meanwhile(
          new RegExp(`pages/${pages[1]!.id}`),
          Effect.map(removed, (answer) => answers.push(answer))
        )
        const syncId = yield* begin()
        const wait = { schedule: Schedule.spaced("20 millis") }
        yield* really(Effect.repeat(syncs.find(caller, syncId), { ...wait, until: Option.isNone }))
        const finished = (yield* events).filter((body) => body._tag === "SyncFinished" && body.syncId === syncId)
        assert.deepInclude(finished[0], { state: "failed", trigger: "asked" })
        assert.lengthOf(finished, 1)
        const { id, total } = answers[0]!.operation!
        assert.strictEqual(total, 3)
        const over = yield* really(
          Effect.repeat(Effect.map(operations.find(caller, id), some), {
            ...wait,
            until: ({ state }) => state === "finished"
          })
        )
        assert.strictEqual(over.done, 3)
        assert.isTrue(Option.isNone(yield* repo.find(tenantId, connectionId)))
        assert.strictEqual((yield* Effect.flip(removed))._tag, "ConnectionNotFound")
        for (const table of ["connections", "sync_sources", "sync_items", "syncs", "sync_results"]) {
          assert.lengthOf(yield* sql`select 1 from ${sql(table)} where tenant_id = ${tenantId}`, 0, table)
        }
      }),
    60_000
  )

  it.effect("leaves documents that are to stay as they are, and follows them no longer", () =>
    Effect.gen(function*() {
      const connections = yield* Connections
      const documents = yield* DocumentsRepo
      const sources = yield* SyncSourcesRepo
      const sql = yield* SqlClient.SqlClient
      const { all, caller, connectionId, sync, workspace } = yield* world
      three(workspace)
      yield* sync()
      const brought = (yield* all).map(({ documentId }) => documentId!)
      const kept = yield* transact(sql)(connections.remove(caller, { connectionId, documents: "keep" }))
      assert.isNull(kept.operation)
      assert.lengthOf(some(yield* sources.list(caller, {})).items, 0)
      for (const id of brought) assert.strictEqual(some(yield* documents.find(caller, id)).status, "available")
    }), 120_000)

  it.effect("does nothing more once it is cancelled", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const syncs = yield* Syncs
      const { all, begin, caller, events, over, sync, workspace } = yield* world
      const pages = three(workspace)
      const cancelled = Effect.flatMap(
        Effect.map(syncs.list(caller, {}), ({ items }) => items[0]!.id),
        (syncId) => transact(sql)(syncs.cancel(caller, { syncId }))
      )
      // The second page's turn: what was read is not kept either.
      yield* meanwhile(/pages\//, meanwhile(/pages\//, cancelled))
      const syncId = yield* begin()
      assert.deepInclude(yield* over(syncId), { state: "cancelled", counts: { created: 1 } })
      assert.lengthOf((yield* all).filter(({ documentId }) => documentId !== null), 1)
      const said = (yield* events).filter((body) => body._tag === "SyncFinished")
      assert.deepInclude(said[0], { syncId, state: "cancelled" })
      assert.lengthOf(said, 1)
      assert.deepInclude(yield* sync(), { counts: { created: pages.length - 1, unchanged: 1 } })
    }), 120_000)

  it.effect("begins by itself when its time has come, once each time", () =>
    Effect.gen(function*() {
      const begin = yield* scheduledSyncs
      const sql = yield* SqlClient.SqlClient
      const syncs = yield* SyncsRepo
      const { caller, connectionId, over, sync, tenantId, workspace } = yield* world
      three(workspace)
      yield* sync({ rules: { everyMinutes: 60 } })
      const due = Effect.map(
        sql<{ readonly minutes: number }>`select extract(epoch from due_at - now())::float8 / 60 as minutes
          from sync_sources where tenant_id = ${tenantId}`,
        ([row]) => row!.minutes
      )
      const scheduled = Effect.map(syncs.list(caller, {}), (page) =>
        some(page).items.filter(({ trigger }) => trigger === "schedule"))
      yield* begin
      assert.lengthOf(yield* scheduled, 0)
      assert.closeTo(yield* due, 60, 1)
      // An hour later, by the clock of the database.
      const pass = sql`update sync_sources set due_at = due_at - interval '1 hour' where tenant_id = ${tenantId}`
      yield* pass
      yield* Effect.all([begin, begin], { concurrency: "unbounded" })
      const [first, ...others] = yield* scheduled
      assert.lengthOf(others, 0)
      assert.closeTo(yield* due, 60, 1)
      assert.deepInclude(yield* over(first!.id), { state: "finished", counts: { unchanged: 3 } })
      yield* sql`update connections set state = 'disabled' where tenant_id = ${tenantId} and id = ${connectionId}`
      yield* pass
      yield* begin
      const [second] = yield* scheduled
      assert.deepInclude((yield* over(second!.id)).cause, { _tag: "ConnectionDisabled" })
      assert.closeTo(yield* due, 60, 1)
    }), 120_000)
})
