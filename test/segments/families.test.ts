import { assert, it } from "@effect/vitest"
import { Enablement } from "@sheaf/adapters/lifecycle/Enablement"
import { Removal } from "@sheaf/adapters/lifecycle/Removal"
import { transact } from "@sheaf/adapters/repos/rows"
import { HistoryRepo } from "@sheaf/adapters/repos/runs/HistoryRepo"
import { FiguresRepo } from "@sheaf/adapters/repos/documents/FiguresRepo"
import { Intake } from "@sheaf/adapters/repos/documents/Intake"
import type { ChunkingSettings } from "@sheaf/domain/datasets/Dataset"
import type { SegmentId } from "@sheaf/domain/ids"
import { limits } from "@sheaf/domain/limits"
import { once } from "@sheaf/server/edge/Idempotent"
import * as Operations from "@sheaf/server/Operations"
import { Search } from "@sheaf/server/search/Search"
import { SegmentChanges } from "@sheaf/server/segments/SegmentChanges"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { changes, engines, really } from "../enablement/world.ts"
import { ingest, makeDataset, until } from "../support/Pipeline.ts"
import { recount } from "./versions.ts"

/** A document that is cut in a way of its own, and what can be done with it. */
const world = Effect.fnUntraced(function*(chunking: ChunkingSettings, file: { name: string; bytes: string }) {
  const { all, caller, entries, indexed, quiet, space, switches, tenantId } = yield* changes
  const enablement = yield* Enablement
  const intake = yield* Intake
  const sql = yield* SqlClient.SqlClient
  const transaction = transact(sql)
  const edits = yield* SegmentChanges
  const search = yield* Search
  const datasetId = yield* makeDataset(caller, chunking)
  const { documentId } = yield* ingest(caller, datasetId, file)
  yield* until(caller, documentId)
  yield* quiet
  yield* recount(caller, { datasetId, documentId })
  const find = (text: string, limit = 10) =>
    really(Effect.map(search.query(caller, { datasetIds: [datasetId], text, limit }), ({ hits }) => hits))
  const againAs = Effect.fnUntraced(function*(chunking: ChunkingSettings) {
    yield* transaction(intake.begin({
      tenantId,
      datasetId,
      documentId,
      config: { space, chunking, lane: "interactive" },
      actor: caller.actor
    }))
    yield* until(caller, documentId)
    yield* quiet
    yield* recount(caller, { datasetId, documentId })
  })
  return {
    caller,
    datasetId,
    documentId,
    switches,
    tenantId,
    find,
    quiet,
    list: all(documentId),
    entries: entries(documentId),
    indexed: indexed(documentId),
    set: (enabled: boolean, ...segmentIds: ReadonlyArray<SegmentId>) =>
      transaction(
        (enabled ? enablement.enableSegments : enablement.disableSegments)(caller, { documentId, segmentIds })
      ).pipe(Effect.tap(() => quiet)),
    edit: (segmentId: SegmentId, text: string) =>
      really(edits.edit(caller, { documentId, segmentId, text })).pipe(
        Effect.provideService(once, transaction),
        Effect.tap(() => quiet)
      ),
    again: againAs(chunking),
    againAs
  }
})

const manual = `# Boats

## Mast

Step the mast with two people. Fasten the shrouds before anybody lets go of it. Check the spreaders for cracks.

Tighten the forestay by hand. Never climb the mast while she floats.

## Rudder

Hang the rudder on both pintles and check the clip by lifting it. A rudder without its clip floats away.
`

const families = { method: "parent-child", maxTokens: 24, parentMaxTokens: 64 } as const

const faq = `question,answer
When do you open?,At ten.
Where is the key?,Under the mat.
What is missing?,
`

const goods = `name,price,colour,sold
Kettle,19.5,red,yes
Teapot,12,blue,no
Pan,dear,black,no
`

for (const { layer, name } of engines) {
  const whole = Operations.layer({
    version: "0",
    profile: "embedded",
    limits: { maxUploadBytes: limits.maxUploadBytes, maxPages: limits.maxPages, maxSegments: limits.maxSegments }
  }).pipe(Layer.provideMerge(layer), Layer.orDie)
  it.layer(whole, { timeout: "180 seconds" })(`families, on ${name}`, (it) => {
    it.effect("children are embedded and found, parents are read, one hit a parent", () =>
      Effect.gen(function*() {
        const it = yield* world(families, { name: "boats.md", bytes: manual })
        const segments = yield* it.list
        const parents = segments.filter(({ children }) => children > 0)
        const children = segments.filter(({ parentId }) => parentId !== null)
        assert.isAbove(children.length, parents.length)
        assert.strictEqual(parents.length + children.length, segments.length)
        assert.strictEqual(it.switches.embedded, children.length)
        assert.deepStrictEqual(yield* it.indexed, children.map(({ id }) => id))
        const hits = yield* it.find("mast")
        assert.strictEqual(new Set(hits.map(({ parent }) => parent?.segmentId)).size, hits.length)
        const parent = parents.find(({ id }) => id === hits[0]?.parent?.segmentId)
        assert.strictEqual(hits[0]?.parent?.text, parent?.text)
        assert.include(parent?.text, hits[0]!.text)
      }))

    it.effect("a parent that is disabled takes its children along, into a version with other children too", () =>
      Effect.gen(function*() {
        const it = yield* world(families, { name: "boats.md", bytes: manual })
        const segments = yield* it.list
        const [hit] = yield* it.find("rudder clip pintles")
        const parentId = hit!.parent!.segmentId
        const { changed } = yield* it.set(false, parentId)
        assert.strictEqual(changed, 1 + segments.filter((segment) => segment.parentId === parentId).length)
        const rest = segments.filter((segment) => segment.parentId !== null && segment.parentId !== parentId)
        assert.deepStrictEqual(yield* it.indexed, rest.map(({ id }) => id))
        assert.isTrue((yield* it.find("rudder clip pintles")).every(({ parent }) => parent?.segmentId !== parentId))
        yield* it.again
        assert.isTrue((yield* it.find("rudder clip pintles")).every(({ parent }) => parent?.segmentId !== parentId))
        yield* it.set(true, parentId)
        assert.strictEqual((yield* it.find("rudder clip pintles"))[0]?.parent?.segmentId, parentId)
      }))

    it.effect("a run embeds nothing again, and keeps parents and children that were edited", () =>
      Effect.gen(function*() {
        const it = yield* world(families, { name: "boats.md", bytes: manual })
        const { embedded } = it.switches
        const [hit] = yield* it.find("rudder clip pintles")
        const parent = yield* it.edit(hit!.parent!.segmentId, "The rudder hangs on two pintles. Mind the clip.")
        assert.strictEqual(it.switches.embedded, embedded)
        const child = yield* it.edit(hit!.segmentId, "Pintles and the clip of the rudder, in other words.")
        assert.strictEqual(it.switches.embedded, embedded + 1)
        const before = yield* it.list
        yield* it.again
        assert.strictEqual(it.switches.embedded, embedded + 1)
        assert.deepStrictEqual(
          (yield* it.list).map(({ id, parentId }) => [id, parentId]),
          before.map(({ id, parentId }) => [id, parentId])
        )
        const [found] = yield* it.find("rudder pintles in other words")
        assert.deepStrictEqual([found?.segmentId, found?.parent?.segmentId], [child.segment.id, parent.segment.id])
        const original = segmentText(before, parent.segment.id)
        assert.strictEqual(found?.parent?.text, original)
        // Back to what was cut: that segment again, with all its children.
        const cut = hit!.parent!
        assert.strictEqual((yield* it.edit(parent.segment.id, cut.text)).segment.id, cut.segmentId)
        const [back] = yield* it.find("rudder pintles in other words")
        assert.strictEqual(back?.parent?.segmentId, cut.segmentId)
      }))

    it.effect("a question is found and its answer read; rows that are no pairs are told by their number", () =>
      Effect.gen(function*() {
        const it = yield* world({ method: "qa" }, { name: "faq.csv", bytes: faq })
        const [hit] = yield* it.find("where is the key")
        assert.deepStrictEqual([hit?.text, hit?.parent?.text], ["Where is the key?", "Under the mat."])
        assert.lengthOf(yield* it.list, 4)
        assert.strictEqual(yield* it.entries, 2)
        assert.isTrue((yield* it.find("under the mat")).every(({ text }) => text !== "Under the mat."))
        const history = yield* HistoryRepo
        const runs = yield* really(history.list(it.tenantId, { documentId: it.documentId, limit: 10 }))
        assert.include(JSON.stringify(runs), "row 4: has no answer")
      }))

    it.effect("a row is found by its content and has its fields", () =>
      Effect.gen(function*() {
        const columns = [
          { name: "price", role: "metadata", type: "number" },
          { name: "sold", role: "both", type: "boolean" }
        ] as const
        const it = yield* world({ method: "table", columns }, { name: "goods.csv", bytes: goods })
        const [hit] = yield* it.find("red kettle")
        assert.strictEqual(hit?.text, "name: Kettle\ncolour: red\nsold: yes")
        assert.deepInclude(hit?.metadata, { price: 19.5, sold: true })
        const [kettle] = yield* it.list
        assert.deepInclude(kettle, { searched: true, fields: { price: 19.5, sold: true } })
        assert.strictEqual(yield* it.entries, 3)
      }))

    it.effect("a dataset knows the fields of the rows that serve, and of how many documents", () =>
      Effect.gen(function*() {
        const figures = yield* FiguresRepo
        const removal = yield* Removal
        const columns = [
          { name: "price", role: "metadata", type: "number" },
          { name: "colour", role: "both", field: "hue" },
          { name: "shelf", role: "metadata" }
        ] as const
        const it = yield* world({ method: "table", columns }, { name: "goods.csv", bytes: goods })
        const known = Effect.map(
          figures.fields(it.caller, it.datasetId),
          (found) => found.map(({ documents, name, type }) => `${name} ${type} ${documents}`)
        )
        assert.deepStrictEqual(yield* known, ["hue string 1", "price number 1"])
        // The next version says less.
        yield* it.againAs({ method: "table", columns: columns.slice(0, 1) })
        assert.deepStrictEqual(yield* known, ["price number 1"])
        const second = yield* ingest(it.caller, it.datasetId, {
          name: "more.csv",
          bytes: "name,shelf\nLid,top\nPot,low\n"
        })
        yield* until(it.caller, second.documentId)
        assert.deepStrictEqual(yield* known, ["price number 1", "shelf string 1"])
        const sql = yield* SqlClient.SqlClient
        yield* transact(sql)(removal.document(it.caller, second.documentId))
        assert.deepStrictEqual(yield* known, ["price number 1"])
      }))
  })
}

const segmentText = (segments: ReadonlyArray<{ readonly id: string; readonly text: string }>, id: string) =>
  segments.find((segment) => segment.id === id)?.text
