import { assert, it } from "@effect/vitest"
import { DetailsRepo } from "@sheaf/adapters/repos/documents/DetailsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import type { Metadata } from "@sheaf/domain/documents/Metadata"
import type { DocumentId } from "@sheaf/domain/ids"
import { Effect, Option } from "effect"
import { SqlClient } from "effect/sql"
import { some } from "../repos/world.ts"
import { block, type GivenBlock, paragraph } from "../support/notion/Workspace.ts"
import { Double, later, meanwhile, whole, world } from "./world.ts"

const number = (id: string, value: number) => ({ id, type: "number", value })

it.layer(whole, { timeout: "120 seconds" })("what a sync makes of pages", (it) => {
  it.effect(
    "deletes the document of a page that is gone where it is told to, and makes another when it is back",
    () =>
      Effect.gen(function*() {
        const documents = yield* DocumentsRepo
        const { caller, item, sync, workspace } = yield* world
        const page = workspace.addPage({ title: "Jib", blocks: [paragraph("The jib is small.")] })
        const rules = { onGone: "delete" } as const
        yield* sync({ rules })
        const { documentId: first } = yield* item("Jib")
        page.trashed = true
        assert.deepInclude(yield* sync(), { counts: { gone: 1 } })
        assert.isTrue(Option.isNone(yield* documents.find(caller, first!)))
        assert.deepInclude(yield* item("Jib"), { state: "gone", documentId: null })
        page.trashed = false
        assert.deepInclude(yield* sync(), { counts: { created: 1 } })
        const { documentId: second, state } = yield* item("Jib")
        assert.strictEqual(state, "present")
        assert.notStrictEqual(second, first)
      }),
    60_000
  )

  it.effect(
    "brings rows of databases that lie in columns and toggles, with their values as metadata",
    () =>
      Effect.gen(function*() {
        const details = yield* DetailsRepo
        const sql = yield* SqlClient.SqlClient
        const { all, item, sync, tenantId, workspace } = yield* world
        const column = "22222222-0000-4000-8000-000000000001"
        const parts = workspace.addDatabase({ title: "Parts", parent: { kind: "block", id: column } })
        const rowIn = (title: string, pieces: number) =>
          workspace.addPage({
            title,
            parent: { kind: "database", id: parts.id },
            properties: {
              "Pieces (no.)": number("p", pieces),
              Done: { id: "d", type: "checkbox", value: true },
              Kind: { id: "k", type: "select", value: { id: "1", name: "Rope", color: "red" } },
              Tags: { id: "t", type: "multi_select", value: [{ id: "2", name: "wet" }, { id: "3", name: "dry" }] },
              Made: { id: "m", type: "date", value: { start: "2026-01-02", end: null, time_zone: null } },
              Nothing: { id: "n", type: "number", value: null },
              Edited: { id: "e", type: "last_edited_time", value: "2026-01-01T00:00:00.000Z" }
            },
            blocks: [paragraph(`The ${title} is in the hold.`)]
          })
        const row = rowIn("Halyard", 3)
        const held: GivenBlock = {
          id: parts.databaseId,
          type: "child_database",
          content: { title: "Parts" }
        }
        const root = workspace.addPage({
          title: "Hold",
          blocks: [{
            type: "column_list",
            children: [{ id: column, type: "column", children: [block("toggle", "What there is", [held])] }]
          }]
        })
        assert.deepInclude(yield* sync({ selection: [root.id] }), { counts: { created: 2 } })
        const metadataOf = (documentId: DocumentId) =>
          Effect.map(details.find(tenantId, documentId), (found) => some(found).metadata)
        const { documentId } = yield* item("Halyard")
        const brought: Metadata = { Pieces_no: 3, Done: true, Kind: "Rope", Tags: ["wet", "dry"], Made: "2026-01-02" }
        assert.deepStrictEqual({ ...(yield* metadataOf(documentId!)) }, brought)

        // What somebody has added here stays; what the row says changes with it.
        yield* sql`update documents set metadata = metadata || '{"shelf": "B"}'::jsonb where id = ${documentId}`
        row.properties = { ...row.properties, "Pieces (no.)": number("p", 4) }
        later(row)
        rowIn("Sheet", 7)
        assert.deepInclude(yield* sync(), { counts: { updated: 1, created: 1, unchanged: 1 } })
        assert.deepStrictEqual({ ...(yield* metadataOf(documentId!)) }, { ...brought, Pieces_no: 4, shelf: "B" })
        assert.deepStrictEqual((yield* all).map(({ title }) => title).sort(), ["Halyard", "Hold", "Sheet"])
      }),
    60_000
  )

  it.effect("has what a page says last, whenever it is edited", () =>
    Effect.gen(function*() {
      const { item, sync, text, workspace } = yield* world
      const page = workspace.addPage({ title: "Log", blocks: [paragraph("Monday.")] })
      yield* sync()
      const edited = (day: string) =>
        Effect.sync(() => {
          const at = page.editedAt
          workspace.edit(page.id, { blocks: [paragraph(`${day}.`)] })
          page.editedAt = at + 60_000
        })
      // Between the listing and the reading: the newer time goes with the newer text.
      yield* edited("Tuesday")
      yield* meanwhile(/pages\//, edited("Wednesday"))
      assert.deepInclude(yield* sync(), { counts: { updated: 1 } })
      assert.include(yield* text("Log"), "Wednesday")
      assert.strictEqual((yield* item("Log")).editedAt?.toISOString(), new Date(page.editedAt).toISOString())
      assert.deepInclude(yield* sync(), { counts: { unchanged: 1 } })
      // Between the page and its blocks: what was read has the time of before, so the next sync looks again.
      yield* edited("Thursday")
      yield* meanwhile(/blocks\//, edited("Friday"))
      yield* sync()
      assert.include(yield* text("Log"), "Friday")
      assert.deepInclude(yield* sync(), { counts: { unchanged: 1 } })
      assert.strictEqual((yield* item("Log")).editedAt?.toISOString(), new Date(page.editedAt).toISOString())
    }), 120_000)

  it.effect("is one version where two syncs and an edit come together", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { begin, item, over, results, sync, text, workspace } = yield* world
      const page = workspace.addPage({ title: "Chart", blocks: [paragraph("The first chart.")] })
      yield* sync()
      const { documentId, id } = yield* item("Chart")
      workspace.edit(page.id, { blocks: [paragraph("The second chart.")] })
      later(page)
      yield* meanwhile(
        /blocks\//,
        Effect.sync(() => {
          workspace.edit(page.id, { blocks: [paragraph("The third chart.")] })
          page.editedAt += 120_000
        })
      )
      const [one, two] = yield* Effect.all([begin({ items: [id] }), begin()], { concurrency: "unbounded" })
      assert.notStrictEqual(one, two)
      const ends = [yield* over(one), yield* over(two)]
      assert.deepStrictEqual(ends.map(({ state }) => state), ["finished", "finished"])
      assert.include(yield* text("Chart"), "third")
      const made = [...(yield* results(one)), ...(yield* results(two))].flatMap(({ runId }) => runId ?? [])
      assert.strictEqual(new Set(made).size, made.length)
      const rows = yield* sql`select 1 from documents where tenant_id = (select tenant_id from documents
        where id = ${documentId}) and not deleting`
      assert.lengthOf(rows, 1)
      assert.strictEqual((yield* item("Chart")).documentId, documentId)
    }), 120_000)

  it.effect("stays as it is where Notion fails in the middle of a page", () =>
    Effect.gen(function*() {
      const { faults } = yield* Double
      const { item, results, sync, text, workspace } = yield* world
      const lines = (about: string) =>
        Array.from({ length: 104 }, (_, line) => paragraph(`Line ${line} tells of ${about}.`))
      const page = workspace.addPage({ title: "Story", blocks: lines("whales") })
      yield* sync()
      workspace.edit(page.id, { blocks: lines("squids") })
      later(page)
      const invalid = {
        object: "error",
        status: 400,
        code: "validation_error",
        message: "The start_cursor is invalid."
      }
      faults.add({ kind: "answer", status: 400, body: invalid }, { path: /blocks\/.*start_cursor/ })
      const failed = yield* sync()
      assert.deepInclude(failed, { state: "finished", counts: { unreachable: 1 } })
      assert.deepInclude((yield* results(failed.id))[0]?.result, { _tag: "Unreachable" })
      const served = yield* text("Story")
      assert.include(served, "Line 103 tells of whales")
      assert.notInclude(served, "squids")
      assert.strictEqual((yield* item("Story")).state, "unreachable")
      faults.clear()
      assert.deepInclude(yield* sync(), { counts: { updated: 1 } })
      assert.include(yield* text("Story"), "Line 103 tells of squids")
    }), 120_000)

  it.effect("reads a tree that is 50 deep to its end", () =>
    Effect.gen(function*() {
      const { sync, text, workspace } = yield* world
      let tree: GivenBlock = paragraph("The deepest of all.")
      for (let depth = 50; depth > 1; depth--) tree = block("toggle", `Level ${depth}.`, [tree])
      workspace.addPage({ title: "Deep", blocks: [tree] })
      assert.deepInclude(yield* sync(), { counts: { created: 1 } })
      const served = yield* text("Deep")
      assert.include(served, "Level 2.")
      assert.include(served, "The deepest of all.")
    }), 120_000)

  it.effect("says what a workspace without pages, and pages without a word, are", () =>
    Effect.gen(function*() {
      const { all, item, results, sync, text, workspace } = yield* world
      assert.deepInclude(yield* sync(), { state: "finished", total: 0, counts: {} })
      assert.lengthOf(yield* all, 0)
      workspace.addPage({ title: "Named" })
      workspace.addPage({ title: "", blocks: [{ type: "divider", content: {} }] })
      const first = yield* sync()
      assert.strictEqual(first.state, "finished")
      assert.include(yield* text("Named"), "Named")
      const untitled = (yield* results(first.id)).find(({ title }) => title === "Untitled")
      assert.deepInclude(untitled?.result, { _tag: "Failed", cause: { _tag: "Empty" } })
      assert.strictEqual((yield* item("Untitled")).state, "changed")
      // Nothing comes of it before somebody edits it: it is not tried again.
      assert.deepInclude(yield* sync(), { counts: { unchanged: 2 } })
    }), 120_000)
})
