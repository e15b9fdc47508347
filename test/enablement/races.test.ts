import { assert, it } from "@effect/vitest"
import { Details } from "@sheaf/adapters/lifecycle/Details"
import { Removal } from "@sheaf/adapters/lifecycle/Removal"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import type { Metadata } from "@sheaf/domain/documents/Metadata"
import type { DocumentId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { ingest, until } from "../support/Pipeline.ts"
import { changes, engines, eventually, ids, really } from "./world.ts"

for (const { layer, name, remote } of engines) {
  it.layer(layer, { timeout: "120 seconds" })(`Enablement, interleaved, on ${name}`, (it) => {
    for (const when of ["before", "after"] as const) {
      it.effect(`hides what is being written, ${when} the index has it`, () =>
        Effect.gen(function*() {
          const { indexed, make, quiet, readable, set, switches } = yield* changes
          const { documentId, segments } = yield* make()
          yield* set(documentId, segments.slice(0, 2), false)
          yield* quiet
          const gate = yield* switches.hold("upsert", when)
          yield* set(documentId, segments.slice(0, 2), true)
          yield* gate.reached
          yield* set(documentId, segments.slice(0, 1), false)
          assert.deepStrictEqual(yield* readable(segments), new Set(ids(segments.slice(1))))
          yield* gate.open
          yield* quiet
          assert.deepStrictEqual(yield* indexed(documentId), ids(segments.slice(1)))
        }))

      it.effect(`puts away a document whose next version is being indexed, ${when} the index has it`, () =>
        Effect.gen(function*() {
          const { all, archive, build, entries, get, make, quiet, readable, switches, unarchive } = yield* changes
          const { documentId, document } = yield* make()
          const gate = yield* switches.hold("upsert", when)
          yield* build(documentId, true)
          yield* gate.reached
          yield* archive(documentId)
          yield* gate.open
          yield* eventually(get(documentId), ({ publishedRunId }) => publishedRunId !== document.publishedRunId)
          yield* quiet
          assert.strictEqual(yield* entries(documentId), 0)
          assert.strictEqual((yield* readable(yield* all(documentId))).size, 0)
          yield* unarchive(documentId)
          yield* quiet
          assert.strictEqual(yield* entries(documentId), 1)
          assert.strictEqual((yield* readable(yield* all(documentId))).size, 1)
          assert.strictEqual((yield* get(documentId)).indexState, "in_sync")
        }))

      it.effect(`leaves nothing of a document that is deleted while it is being written, ${when} the index has it`, () =>
        Effect.gen(function*() {
          const removal = yield* Removal
          const sql = yield* SqlClient.SqlClient
          const { caller, entries, make, quiet, set, switches, transaction } = yield* changes
          const { documentId, segments } = yield* make()
          yield* set(documentId, segments.slice(0, 2), false)
          yield* quiet
          const gate = yield* switches.hold("upsert", when)
          yield* set(documentId, segments.slice(0, 2), true)
          yield* gate.reached
          yield* transaction(removal.document(caller, documentId))
          yield* gate.open
          const left = sql<{ stage: string }>`select stage from jobs
            where document_id = ${documentId} and not_before < now() + interval '1 minute'`
          yield* eventually(left, (jobs) => jobs.length === 0)
          assert.strictEqual(yield* entries(documentId), 0)
        }))
    }

    it.effect("a version that is published takes over what was hidden while it was built", () =>
      Effect.gen(function*() {
        const { all, build, entries, get, indexed, make, quiet, set } = yield* changes
        const { document, documentId, segments } = yield* make()
        yield* build(documentId, false)
        yield* set(documentId, segments.slice(1, 3), false)
        yield* eventually(get(documentId), ({ publishedRunId }) => publishedRunId !== document.publishedRunId)
        yield* quiet
        const shown = segments.filter((_, place) => place !== 1 && place !== 2)
        assert.deepStrictEqual(yield* indexed(documentId), ids(shown))
        assert.strictEqual(yield* entries(documentId), shown.length)
        assert.deepStrictEqual(
          (yield* all(documentId)).map(({ enabled, indexState }) => [enabled, indexState]),
          segments.map((_, place) => [place !== 1 && place !== 2, "in_sync"])
        )
      }))

    it.effect("a document that is disabled before its first version is published has no entries, until it is enabled", () =>
      Effect.gen(function*() {
        const { all, caller, datasetId, disable, enable, entries, get, indexed, quiet, switches } = yield* changes
        const gate = yield* switches.hold("upsert", "after")
        const { documentId } = yield* ingest(caller, datasetId, { name: "a.md", bytes: "# Oars\n\nStow the oars." })
        yield* gate.reached
        yield* disable(documentId)
        yield* gate.open
        yield* until(caller, documentId, ({ publishedRunId }) => publishedRunId !== null)
        yield* quiet
        assert.strictEqual(yield* entries(documentId), 0)
        yield* enable(documentId)
        yield* quiet
        assert.deepStrictEqual(yield* indexed(documentId), ids(yield* all(documentId)))
        assert.deepInclude(yield* get(documentId), { status: "available", indexState: "in_sync" })
      }))

    it.effect("entries of segments that a new version has done without, while they were being written, go", () =>
      Effect.gen(function*() {
        const { build, entries, get, make, quiet, set, switches } = yield* changes
        const { document, documentId, segments } = yield* make()
        yield* set(documentId, segments.slice(0, 2), false)
        yield* quiet
        const gate = yield* switches.hold("upsert", "before")
        yield* set(documentId, segments.slice(0, 2), true)
        yield* gate.reached
        yield* build(documentId, true)
        yield* eventually(get(documentId), ({ publishedRunId }) => publishedRunId !== document.publishedRunId)
        yield* gate.open
        yield* quiet
        assert.strictEqual(yield* entries(documentId), 1)
      }))

    it.effect("many changes of a document owe one job, and the last one holds", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const { get, indexed, make, quiet, set, switches } = yield* changes
        const { documentId, segments } = yield* make()
        const gate = yield* switches.hold("upsert", "before")
        yield* set(documentId, segments.slice(0, 1), false)
        yield* set(documentId, segments.slice(0, 1), true)
        yield* gate.reached
        for (let round = 0; round < 20; round++) yield* set(documentId, segments.slice(0, 1), round % 2 === 0)
        const [found] = yield* sql<{ count: number }>`select count(*)::int as count from jobs
          where document_id = ${documentId} and stage = 'ApplyEnablement'`
        assert.strictEqual(found!.count, 1)
        yield* gate.open
        yield* quiet
        assert.deepStrictEqual(yield* indexed(documentId), ids(segments.slice(1)))
        assert.deepInclude(yield* get(documentId), { indexState: "in_sync" })
      }))

    /** How many segments of a document are found by a filter. */
    const found = Effect.fnUntraced(function*(
      { datasetId, documentId, eq, field, space, tenantId }:
        & Pick<Effect.Success<typeof changes>, "datasetId" | "space" | "tenantId">
        & { readonly documentId: DocumentId; readonly field: string; readonly eq: string }
    ) {
      const index = yield* SearchIndex
      const { candidates } = yield* index.candidates(space, {
        tenantId,
        datasetIds: [datasetId],
        filter: { and: [{ field, eq }, { field: "$documentId", eq: documentId }] },
        terms: ["boat", "mast", "boom", "rudder", "centreboard"],
        vector: undefined,
        limit: 100
      })
      return candidates.length
    })
    const tagged = (topic: string): Metadata => ({ topic })

    it.effect("another name and other metadata reach every entry of a document with one of them", () =>
      Effect.gen(function*() {
        const details = yield* Details
        const world = yield* changes
        const { caller, get, make, quiet, switches, transaction } = world
        const { documentId, segments } = yield* make()
        const before = switches.written.length
        yield* transaction(details.setMetadata(caller, { documentId, metadata: tagged("sails") }))
        yield* transaction(details.rename(caller, { documentId, name: "renamed.md" }))
        yield* quiet
        const wrote = switches.written.length - before
        assert.isAtMost(wrote, 2)
        assert.strictEqual(yield* found({ ...world, documentId, field: "topic", eq: "sails" }), segments.length)
        assert.strictEqual(yield* found({ ...world, documentId, field: "$name", eq: "renamed.md" }), segments.length)
        assert.strictEqual((yield* get(documentId)).indexState, "in_sync")
      }))

    it.effect("metadata that is changed while a version is being written is that of all its entries", () =>
      Effect.gen(function*() {
        const details = yield* Details
        const world = yield* changes
        const { build, caller, get, make, quiet, switches, transaction } = world
        const { document, documentId } = yield* make()
        const gate = yield* switches.hold("upsert", "before")
        yield* build(documentId, true)
        yield* gate.reached
        yield* transaction(details.setMetadata(caller, { documentId, metadata: tagged("oars") }))
        yield* gate.open
        yield* eventually(get(documentId), ({ publishedRunId }) => publishedRunId !== document.publishedRunId)
        yield* quiet
        assert.strictEqual(yield* found({ ...world, documentId, field: "topic", eq: "oars" }), 1)
      }))

    // An index in the database takes part in the transaction: nothing of it can be late, and nobody can come between.
    if (remote) {
      it.effect("shows what is being removed, and does not wait for the index to say so", () =>
        Effect.gen(function*() {
          const { indexed, make, quiet, set, switches } = yield* changes
          const { documentId, segments } = yield* make()
          const gate = yield* switches.hold("remove", "before")
          yield* set(documentId, segments.slice(0, 1), false)
          yield* gate.reached
          yield* really(Effect.timeout(set(documentId, segments.slice(0, 1), true), "2 seconds"))
          yield* gate.open
          yield* quiet
          assert.deepStrictEqual(yield* indexed(documentId), ids(segments))
        }))

      it.effect("what is shown again while an unanswered removal goes on is written after it", () =>
        Effect.gen(function*() {
          const { get, indexed, make, quiet, set, switches } = yield* changes
          const { documentId, segments } = yield* make()
          const lost = yield* switches.lose("remove")
          yield* set(documentId, segments.slice(0, 1), false)
          yield* lost.asked
          yield* set(documentId, segments.slice(0, 1), true)
          yield* lost.land
          yield* quiet
          assert.deepStrictEqual(yield* indexed(documentId), ids(segments))
          assert.strictEqual((yield* get(documentId)).indexState, "in_sync")
        }))

      it.effect("an entry that comes late, of a worker that was thought dead, is seen by nobody", () =>
        Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          const { make, quiet, readable, set, switches } = yield* changes
          const { documentId, segments } = yield* make()
          yield* set(documentId, segments.slice(0, 1), false)
          yield* quiet
          const lost = yield* switches.lose("upsert")
          yield* set(documentId, segments.slice(0, 1), true)
          yield* lost.asked
          yield* sql`update jobs set state = 'ready', lease_token = null, lease_holder = null, lease_expires_at = null,
            epoch = epoch + 1 where document_id = ${documentId}`
          yield* set(documentId, segments.slice(0, 1), false)
          yield* quiet
          yield* lost.land
          assert.deepStrictEqual(yield* readable(segments), new Set(ids(segments.slice(1))))
        }))
    }
  })
}
