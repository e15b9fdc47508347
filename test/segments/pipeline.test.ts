import { assert, it } from "@effect/vitest"
import { transact } from "@sheaf/adapters/repos/rows"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import type { SegmentId } from "@sheaf/domain/ids"
import { limits } from "@sheaf/domain/limits"
import type { SearchRequest } from "@sheaf/domain/search/Search"
import { once } from "@sheaf/server/edge/Idempotent"
import * as Operations from "@sheaf/server/Operations"
import { Search } from "@sheaf/server/search/Search"
import { SegmentChanges } from "@sheaf/server/segments/SegmentChanges"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { changes, engines, really } from "../enablement/world.ts"
import { until } from "../support/Pipeline.ts"
import { recount } from "./versions.ts"

/** What a server does for one caller, with a worker at work. */
const world = Effect.gen(function*() {
  const { all, build, caller, datasetId, entries, make, quiet, switches } = yield* changes
  const sql = yield* SqlClient.SqlClient
  const edits = yield* SegmentChanges
  const search = yield* Search
  const { documentId, segments } = yield* make()
  const counted = <A, E, R>(change: Effect.Effect<A, E, R>) =>
    really(change).pipe(
      Effect.provideService(once, transact(sql)),
      Effect.tap(() => recount(caller, { datasetId, documentId }))
    )
  return {
    caller,
    documentId,
    entries,
    quiet,
    segments,
    sql,
    switches,
    list: all(documentId),
    add: (segment: Omit<Parameters<typeof edits.add>[1], "documentId">) =>
      counted(edits.add(caller, { documentId, ...segment })),
    edit: (segmentId: SegmentId, segment: Omit<Parameters<typeof edits.edit>[1], "documentId" | "segmentId">) =>
      counted(edits.edit(caller, { documentId, segmentId, ...segment })),
    remove: (...segmentIds: ReadonlyArray<SegmentId>) =>
      counted(transact(sql)(edits.remove(caller, { documentId, segmentIds }))),
    changes: really(Effect.map(edits.list(caller, { documentId }), ({ items }) => items)),
    find: (request: SearchRequest) =>
      really(Effect.map(search.query(caller, { datasetIds: [datasetId], ...request }), ({ hits }) => hits)),
    again: Effect.gen(function*() {
      yield* build(documentId, false)
      yield* until(caller, documentId)
      yield* quiet
      yield* recount(caller, { datasetId, documentId })
    })
  }
})

const entriesOf = Effect.fnUntraced(function*(
  { caller, documentId, sql }: Effect.Success<typeof world>
): Effect.fn.Return<{ readonly members: number; readonly rows: number; readonly entries: number }, never, SearchIndex> {
  const index = yield* SearchIndex
  const [counts] = yield* Effect.orDie(sql<{ rows: number; members: number }>`select
      (select count(*)::int from segments where document_id = ${documentId}) as rows,
      (select count(*)::int from run_segments rs join documents d on d.published_run_id = rs.run_id
        where d.id = ${documentId}) as members`)
  const [space] = yield* Effect.orDie(sql<{ descriptor: never }>`select descriptor from spaces
    where tenant_id = ${caller.tenantId}`)
  const entries = yield* Effect.orDie(index.count(space!.descriptor, caller.tenantId, { _tag: "Document", documentId }))
  return { ...counts!, entries }
})

const same = (count: number) => ({ members: count, rows: count, entries: count })

for (const { layer, name } of engines) {
  const whole = Operations.layer({
    version: "0",
    profile: "embedded",
    limits: { maxUploadBytes: limits.maxUploadBytes, maxPages: limits.maxPages, maxSegments: limits.maxSegments }
  }).pipe(Layer.provideMerge(layer), Layer.orDie)
  it.layer(whole, { timeout: "180 seconds" })(`segments by hand, on ${name}`, (it) => {
    it.effect("searches find the new text after the token, and never the old one after the answer", () =>
      Effect.gen(function*() {
        const it = yield* world
        const mast = it.segments.find(({ text }) => text.includes("shrouds"))
        const { embedded } = it.switches
        const { indexToken, segment } = yield* it.edit(mast!.id, { text: "The spinnaker halyard is made fast." })
        const at = it.find({ text: "who fastens the shrouds of the mast" })
        assert.isFalse((yield* at).some(({ segmentId, text }) => segmentId === mast!.id || text.includes("shrouds")))
        const [hit] = yield* it.find({ text: "spinnaker halyard", waitFor: indexToken })
        assert.strictEqual(hit?.segmentId, segment.id)
        assert.isNotNull(hit!.score.vector.cosine)
        yield* it.quiet
        // One text was embedded, and nothing of the old one is left: no entry, no row.
        assert.strictEqual(it.switches.embedded, embedded + 1)
        assert.deepStrictEqual(yield* entriesOf(it), same(it.segments.length))
      }))

    it.effect("what is added is found by its text, its titles and its keywords, and is gone when it is deleted", () =>
      Effect.gen(function*() {
        const it = yield* world
        const added = yield* it.add({
          text: "Trailers must be washed.",
          headingPath: ["Aftercare"],
          keywords: ["saltwater", " rinse  hose "],
          after: null
        })
        assert.deepStrictEqual(added.segment.keywords, ["saltwater", "rinse hose"])
        const found = yield* it.find({ text: "saltwater", mode: "keyword", waitFor: added.indexToken })
        assert.deepStrictEqual(found.map(({ segmentId }) => segmentId), [added.segment.id])
        assert.lengthOf(yield* it.find({ text: "aftercare", mode: "keyword" }), 1)
        const { embedded } = it.switches
        const changed = yield* it.edit(added.segment.id, { keywords: ["bilge"] })
        assert.strictEqual(changed.segment.id, added.segment.id)
        assert.lengthOf(yield* it.find({ text: "bilge", mode: "keyword", waitFor: changed.indexToken }), 1)
        assert.lengthOf(yield* it.find({ text: "saltwater", mode: "keyword" }), 0)
        assert.strictEqual(it.switches.embedded, embedded)
        const { deleted } = yield* it.remove(added.segment.id)
        assert.deepStrictEqual(deleted, [added.segment.id])
        assert.lengthOf(yield* it.find({ text: "bilge", mode: "keyword" }), 0)
        yield* it.quiet
        assert.deepStrictEqual(yield* entriesOf(it), same(it.segments.length))
      }))

    it.effect("a child is found with the text of its parent, and not with that of one that is hidden", () =>
      Effect.gen(function*() {
        const it = yield* world
        const [parent] = it.segments
        const child = yield* it.add({ text: "Grease the masthead sheave.", parentId: parent!.id })
        const [hit] = yield* it.find({ text: "masthead sheave", waitFor: child.indexToken })
        assert.strictEqual(hit?.segmentId, child.segment.id)
        assert.deepStrictEqual(hit!.parent, { segmentId: parent!.id, text: parent!.text })
        const others = (yield* it.find({ text: "boom gooseneck" })).filter(({ segmentId }) =>
          segmentId !== child.segment.id
        )
        assert.isTrue(others.every(({ parent }) => parent === null))
        yield* it.sql`update segments set enabled = false where id = ${parent!.id}`
        const [alone] = yield* it.find({ text: "masthead sheave" })
        assert.isNull(alone!.parent)
        yield* it.sql`update segments set enabled = true where id = ${parent!.id}`
        yield* it.remove(parent!.id)
        assert.lengthOf(yield* it.find({ text: "masthead sheave", mode: "keyword" }), 0)
        yield* it.quiet
        assert.deepStrictEqual(yield* entriesOf(it), same(it.segments.length - 1))
      }))

    it.effect("a text over the limit of the space is refused with both numbers, and one without words too", () =>
      Effect.gen(function*() {
        const it = yield* world
        const [segment] = it.segments
        const long = yield* Effect.flip(it.add({ text: "halyard ".repeat(2_000) }))
        assert.strictEqual(long._tag, "TextTooLong")
        if (long._tag === "TextTooLong") assert.isAbove(long.tokens, long.limit)
        const title = yield* Effect.flip(
          it.edit(segment!.id, { headingPath: Array.from({ length: 20 }, () => "long title ".repeat(80)) })
        )
        assert.strictEqual(title._tag, "TextTooLong")
        assert.strictEqual((yield* Effect.flip(it.add({ text: " \u0000\n\t\u200b".slice(0, 4) })))._tag, "BadRequest")
        const { segment: clean } = yield* it.add({ text: "\u0000Clean\r\nit\u0007 up.  \n\n\n\nEnd" })
        assert.strictEqual(clean.text, "Clean\nit up.\n\nEnd")
      }))

    it.effect("a run embeds nothing that was replaced, keeps what was changed, and an embedder that is down holds nobody up", () =>
      Effect.gen(function*() {
        const it = yield* world
        const [first, second, third] = it.segments
        it.switches.embedderDown = true
        const edited = yield* it.edit(first!.id, { text: "Edited about spinnaker halyards." })
        const added = yield* it.add({ text: "Added about reefing points.", after: second!.id })
        yield* it.remove(third!.id)
        assert.isTrue(
          (yield* it.list).some(({ id, indexState }) => id === edited.segment.id && indexState === "pending")
        )
        it.switches.embedderDown = false
        yield* it.quiet
        assert.lengthOf(yield* it.find({ text: "reefing points", mode: "keyword", waitFor: added.indexToken }), 1)
        const { embedded } = it.switches
        const before = yield* it.list
        yield* it.again
        assert.strictEqual(it.switches.embedded, embedded)
        assert.deepStrictEqual((yield* it.list).map(({ id }) => id), before.map(({ id }) => id))
        assert.lengthOf(yield* it.changes, 3)
        const hits = yield* it.find({ text: "spinnaker halyards", mode: "keyword" })
        assert.deepStrictEqual(hits.map(({ segmentId }) => segmentId), [edited.segment.id])
        assert.deepStrictEqual(yield* entriesOf(it), same(it.segments.length))
      }))
  })
}
