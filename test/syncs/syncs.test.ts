import { assert, it } from "@effect/vitest"
import { Control } from "@sheaf/adapters/lifecycle/Control"
import { Enablement } from "@sheaf/adapters/lifecycle/Enablement"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import { SyncItemsRepo } from "@sheaf/adapters/repos/syncs/SyncItemsRepo"
import { SyncsRepo } from "@sheaf/adapters/repos/syncs/SyncsRepo"
import type { SegmentId } from "@sheaf/domain/ids"
import { once } from "@sheaf/server/edge/Idempotent"
import { SegmentChanges } from "@sheaf/server/segments/SegmentChanges"
import { Effect, Option } from "effect"
import { SqlClient } from "effect/sql"
import { some } from "../repos/world.ts"
import { block, paragraph } from "../support/notion/Workspace.ts"
import { Faults } from "../support/Pipeline.ts"
import { Double, later, really, whole, world } from "./world.ts"

it.layer(whole, { timeout: "120 seconds" })(
  "a dataset that follows a workspace",
  (it) => {
    it.effect("imports pages, and reads again what has changed alone", () =>
      Effect.gen(function*() {
        const documents = yield* DocumentsRepo
        const { requests } = yield* Double
        const { all, caller, item, results, sync, workspace } = yield* world
        const first = workspace.addPage({ title: "Pumps", blocks: [paragraph("The pump is red.")] })
        workspace.addPage({ title: "Valves", blocks: [paragraph("The valve is blue.")] })
        const imported = yield* sync()
        assert.deepInclude(imported, { state: "finished", total: 2, counts: { created: 2 } })
        for (const { documentId, state } of yield* all) {
          assert.strictEqual(state, "present")
          assert.strictEqual(some(yield* documents.find(caller, documentId!)).status, "available")
        }
        const before = requests.length
        assert.deepInclude(yield* sync(), { state: "finished", total: 2, counts: { unchanged: 2 } })
        assert.strictEqual(requests.length - before, 1)

        workspace.edit(first.id, { title: "Pumps of 2026", blocks: [paragraph("The pump is green.")] })
        later(first)
        const changed = yield* sync()
        assert.deepInclude(changed, { state: "finished", counts: { unchanged: 1, renamed: 1 } })
        const [result] = yield* results(changed.id)
        assert.deepInclude(result?.result, { _tag: "Renamed", from: "Pumps", to: "Pumps of 2026", changed: true })
        const { documentId } = yield* item("Pumps of 2026")
        assert.strictEqual(some(yield* documents.find(caller, documentId!)).name, "Pumps of 2026")

        // The same minute, and another time of edit: neither says that anything has changed.
        first.editedAt = Date.now()
        assert.deepInclude(yield* sync(), { counts: { unchanged: 2 } })
        const recent = requests.length
        assert.deepInclude(yield* sync(), { counts: { unchanged: 2 } })
        assert.isAbove(requests.length - recent, 1)
      }), 60_000)

    it.effect(
      "hides what is gone, shows it when it is back, and stops where too much is missing",
      () =>
        Effect.gen(function*() {
          const documents = yield* DocumentsRepo
          const { caller, item, sync, workspace } = yield* world
          const pages = [1, 2, 3, 4, 5].map((n) =>
            workspace.addPage({ title: `p${n}`, blocks: [paragraph(`Page ${n} tells of ropes.`)] })
          )
          assert.deepInclude(yield* sync(), { counts: { created: 5 } })
          const status = Effect.fnUntraced(function*(title: string) {
            const { documentId } = yield* item(title)
            return some(yield* documents.find(caller, documentId!)).status
          })
          pages[0]!.trashed = true
          assert.deepInclude(yield* sync(), { counts: { gone: 1, unchanged: 4 } })
          assert.strictEqual(yield* status("p1"), "archived")
          assert.strictEqual((yield* item("p1")).state, "gone")
          pages[0]!.trashed = false
          assert.deepInclude(yield* sync(), { counts: { unchanged: 5 } })
          assert.strictEqual(yield* status("p1"), "available")

          for (const page of pages.slice(0, 4)) page.shared = false
          const doubted = yield* sync()
          assert.deepInclude(doubted, { state: "failed", cause: { _tag: "MassRemoval", missing: 4, items: 5 } })
          for (const n of [1, 2, 3, 4]) assert.strictEqual(yield* status(`p${n}`), "available")
          assert.deepInclude(yield* sync({ confirmed: true, rules: { onGone: "disable" } }), {
            counts: { gone: 4, unchanged: 1 }
          })
          assert.strictEqual(yield* status("p4"), "disabled")
        }),
      60_000
    )

    it.effect("a version that fails leaves the one before, and its time of edit with it", () =>
      Effect.gen(function*() {
        const documents = yield* DocumentsRepo
        const faults = yield* Faults
        const control = yield* Control
        const sql = yield* SqlClient.SqlClient
        const { begin, caller, item, over, results, sync, workspace } = yield* world
        const page = workspace.addPage({ title: "Anchors", blocks: [paragraph("The anchor is iron.")] })
        yield* sync()
        const { documentId, editedAt } = yield* item("Anchors")
        const served = some(yield* documents.find(caller, documentId!)).publishedRunId
        faults.embedderDown = true
        workspace.edit(page.id, { blocks: [paragraph("The anchor is steel.")] })
        later(page)
        const { id } = yield* begin().pipe(Effect.map((id) => ({ id })))
        yield* Effect.suspend(() => Effect.map(item("Anchors"), ({ state }) => state)).pipe(
          Effect.repeat({ until: (state) => state === "changed" })
        )
        assert.deepInclude(yield* item("Anchors"), { state: "changed", editedAt: null })
        // Somebody gives the run up.
        yield* Effect.retry(transact(sql)(control.cancel(caller, { documentId: documentId! })), { times: 3 })
        faults.embedderDown = false
        yield* over(id)
        const after = some(yield* documents.find(caller, documentId!))
        assert.strictEqual(after.publishedRunId, served)
        assert.strictEqual(after.status, "available")
        const again = yield* sync()
        assert.deepInclude(again, { counts: { updated: 1 } })
        assert.isNotNull((yield* results(again.id))[0]?.runId)
        assert.notDeepEqual((yield* item("Anchors")).editedAt, editedAt)
        assert.notStrictEqual(some(yield* documents.find(caller, documentId!)).publishedRunId, served)
      }), 60_000)

    it.effect("follows what lies in a page and in its databases, and no more", () =>
      Effect.gen(function*() {
        const { all, sync, workspace } = yield* world
        const root = workspace.addPage({ title: "Root", blocks: [paragraph("The root.")] })
        workspace.addPage({ title: "Elsewhere", blocks: [paragraph("Elsewhere.")] })
        const child = workspace.addPage({
          title: "Child",
          parent: { kind: "page", id: root.id },
          blocks: [paragraph("The child.")]
        })
        const database = workspace.addDatabase({ title: "Parts", parent: { kind: "page", id: child.id } })
        workspace.addPage({
          title: "Row",
          parent: { kind: "database", id: database.id },
          blocks: [paragraph("A row.")]
        })
        assert.deepInclude(yield* sync({ selection: [root.id] }), { state: "finished", counts: { created: 3 } })
        assert.deepStrictEqual((yield* all).map(({ title }) => title).sort(), ["Child", "Root", "Row"])
      }), 60_000)

    it.effect("leaves alone what is paused, and what was deleted here", () =>
      Effect.gen(function*() {
        const items = yield* SyncItemsRepo
        const sql = yield* SqlClient.SqlClient
        const { item, sync, tenantId, workspace } = yield* world
        const page = workspace.addPage({ title: "Masts", blocks: [paragraph("The mast is wood.")] })
        yield* sync()
        const { documentId, id } = yield* item("Masts")
        yield* items.setPaused(tenantId, id, true)
        workspace.edit(page.id, { blocks: [paragraph("The mast is steel.")] })
        later(page)
        assert.deepInclude(yield* sync(), { total: 1, counts: { paused: 1 } })
        yield* items.setPaused(tenantId, id, false)
        assert.deepInclude(yield* sync(), { counts: { updated: 1 } })
        yield* sql`update documents set deleting = true where id = ${documentId}`
        assert.deepInclude(yield* sync(), { counts: { paused: 1 } })
      }), 60_000)

    it.effect(
      "a listing that breaks off changes nothing; a page that cannot be read is named, and the others come",
      () =>
        Effect.gen(function*() {
          const { faults } = yield* Double
          const { item, results, sync, workspace } = yield* world
          const bad = workspace.addPage({ title: "Bad", blocks: [paragraph("The bad one.")] })
          workspace.addPage({ title: "Good", blocks: [block("paragraph", "The good one.")] })
          yield* sync()
          faults.add({ kind: "lost" }, { path: /search/, times: 1 })
          assert.deepInclude(yield* sync(), { state: "finished", counts: { unchanged: 2 } })
          later(bad)
          const restricted = { object: "error", status: 403, code: "restricted_resource", message: "Not this one." }
          faults.add({ kind: "answer", status: 403, body: restricted }, { path: new RegExp(`pages/${bad.id}`) })
          const seen = yield* sync()
          assert.deepInclude(seen, { state: "finished", counts: { unreachable: 1, unchanged: 1 } })
          assert.deepInclude((yield* results(seen.id))[0]?.result, { _tag: "Unreachable" })
          assert.strictEqual((yield* item("Bad")).state, "unreachable")
          faults.clear()
          assert.deepInclude(yield* sync(), { counts: { unchanged: 2 } })
          assert.strictEqual((yield* item("Bad")).state, "present")
        }),
      60_000
    )

    it.effect(
      "two syncs are one, a cancelled one stops, and one without a connection says so",
      () =>
        Effect.gen(function*() {
          const { workspace: { tokens } } = yield* Double
          const syncs = yield* SyncsRepo
          const { begin, over, sync, tenantId, workspace } = yield* world
          workspace.addPage({ title: "Keel", blocks: [paragraph("The keel is lead.")] })
          const [one, two] = [yield* begin(), yield* begin()]
          assert.strictEqual(one, two)
          assert.deepInclude(yield* over(one), { counts: { created: 1 } })
          assert.isFalse(yield* syncs.end(tenantId, one, "cancelled"))
          tokens.delete("ntn_double")
          assert.deepInclude((yield* sync()).cause, { _tag: "ConnectionRevoked" })
          tokens.add("ntn_double")
          assert.deepInclude((yield* sync()).cause, { _tag: "ConnectionRevoked" })
          assert.isTrue(Option.isNone(yield* syncs.atWork(tenantId, (yield* sync()).sourceId)))
        }),
      60_000
    )

    it.effect("what was disabled and edited by hand is so after a sync, or is named", () =>
      Effect.gen(function*() {
        const edits = yield* SegmentChanges
        const enablement = yield* Enablement
        const sql = yield* SqlClient.SqlClient
        const faults = yield* Faults
        const { caller, datasetId, item, results, sync, workspace } = yield* world
        const chunking = { method: "general", maxTokens: 64, softMaxTokens: 32, combineUnder: 8 }
        yield* sql`update datasets set chunking = ${JSON.stringify(chunking)}::jsonb where id = ${datasetId}`
        const part = (n: number, text: string) => [block("heading_1", `Part ${n}`), paragraph(text)]
        const kept = part(1, "The first rope is made of hemp and is kept in the hold.")
        const edited = part(2, "The second rope is made of wire and lies on the deck.")
        const page = workspace.addPage({ title: "Ropes", blocks: [...kept, ...edited] })
        yield* sync()
        const { documentId } = yield* item("Ropes")
        const segments = sql<{ readonly id: SegmentId; readonly text: string; readonly enabled: boolean }>`
        select s.id, s.text, s.enabled from documents d join run_segments m on m.run_id = d.published_run_id
        join segments s on s.id = m.segment_id where d.id = ${documentId} order by m.ordinal`
        const having = (text: string) => Effect.map(segments, (all) => all.find((one) => one.text.includes(text)))
        const hemp = yield* having("hemp")
        const wire = yield* having("wire")
        const of = { documentId: documentId!, segmentIds: [hemp!.id] }
        yield* transact(sql)(enablement.disableSegments(caller, of))
        const edit = { documentId: documentId!, segmentId: wire!.id, text: "By hand: of steel." }
        yield* really(edits.edit(caller, edit)).pipe(Effect.provideService(once, transact(sql)))

        const before = faults.embedded
        workspace.edit(page.id, {
          blocks: [...kept, ...edited, ...part(3, "The third rope is new and is made of silk.")]
        })
        later(page)
        assert.deepInclude(yield* sync(), { counts: { updated: 1 } })
        assert.isFalse((yield* having("hemp"))?.enabled)
        assert.isDefined(yield* having("of steel"))
        // The new part, and perhaps what was edited by hand: not what was there before.
        assert.isAtMost(faults.embedded - before, 2)

        workspace.edit(page.id, { blocks: kept })
        later(page)
        later(page)
        const lost = yield* sync()
        assert.strictEqual((yield* results(lost.id))[0]?.conflicts, 1)
        assert.isFalse((yield* having("hemp"))?.enabled)
      }), 120_000)
  }
)
