import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { changes, engines, eventually, ids } from "./world.ts"

for (const { layer, name } of engines) {
  it.layer(layer, { timeout: "120 seconds" })(`Enablement on ${name}`, (it) => {
    it.effect("hides segments from the commit on, takes their entries out and brings them back", () =>
      Effect.gen(function*() {
        const { all, get, indexed, make, quiet, readable, set } = yield* changes
        const { documentId, segments } = yield* make()
        assert.isAbove(segments.length, 3)
        const [first, ...others] = segments
        const hidden = yield* set(documentId, [first!], false)
        assert.deepStrictEqual(hidden, { changed: 1, missing: [], generation: 1 })
        assert.deepStrictEqual(yield* readable(segments), new Set(ids(others)))
        yield* quiet
        assert.deepStrictEqual(yield* indexed(documentId), ids(others))
        assert.deepStrictEqual((yield* all(documentId)).map(({ enabled, indexState }) => [enabled, indexState]), [
          [false, "in_sync"],
          ...others.map(() => [true, "in_sync"])
        ])
        assert.strictEqual((yield* get(documentId)).indexState, "in_sync")
        const again = yield* set(documentId, [first!], false)
        assert.deepStrictEqual(again, { changed: 0, missing: [], generation: 1 })
        yield* set(documentId, [first!], true)
        yield* quiet
        assert.deepStrictEqual(yield* indexed(documentId), ids(segments))
        assert.strictEqual((yield* all(documentId))[0]!.version, 2)
      }))

    it.effect("knows the flags of a document and of its segments apart", () =>
      Effect.gen(function*() {
        const { all, archive, disable, enable, entries, get, indexed, make, quiet, readable, set, unarchive } =
          yield* changes
        const { documentId, segments } = yield* make()
        yield* set(documentId, segments.slice(0, 1), false)
        yield* archive(documentId)
        yield* disable(documentId)
        assert.strictEqual((yield* readable(segments)).size, 0)
        yield* quiet
        assert.strictEqual(yield* entries(documentId), 0)
        assert.deepInclude(yield* get(documentId), { enabled: false, archived: true, status: "archived" })
        // One segment more is hidden, and the first shown, while the document is.
        yield* set(documentId, segments.slice(1, 2), false)
        yield* set(documentId, segments.slice(0, 1), true)
        yield* quiet
        assert.strictEqual(yield* entries(documentId), 0)
        yield* unarchive(documentId)
        yield* quiet
        assert.strictEqual(yield* entries(documentId), 0)
        yield* enable(documentId)
        yield* quiet
        const shown = segments.filter((_, place) => place !== 1)
        assert.deepStrictEqual(yield* indexed(documentId), ids(shown))
        assert.deepStrictEqual(yield* readable(segments), new Set(ids(shown)))
        assert.deepStrictEqual((yield* all(documentId)).map(({ enabled }) => enabled), segments.map((_, i) => i !== 1))
        assert.deepInclude(yield* enable(documentId), { changed: false })
      }))

    it.effect("knows what was hidden when its text comes back, after versions without it", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const { all, build, documentId, indexed, quiet, readable, segments, set } = yield* Effect.flatMap(
          changes,
          (world) => Effect.map(world.make(), (made) => ({ ...world, ...made }))
        )
        const rebuilt = (whole: boolean) => Effect.andThen(build(documentId, whole), quiet)
        const remembered = sql`select segment_id as id from hidden_segments where document_id = ${documentId}`
        const [first, second, ...others] = segments
        yield* set(documentId, [first!, second!], false)
        yield* rebuilt(true)
        // Those of the version before are gone, and what was said of them is not.
        assert.sameMembers((yield* remembered).map(({ id }) => id), ids([first!, second!]))
        yield* rebuilt(false)
        assert.deepStrictEqual((yield* all(documentId)).map(({ enabled, id }) => [id, enabled]), [
          [first!.id, false],
          [second!.id, false],
          ...others.map(({ id }) => [id, true])
        ])
        assert.deepStrictEqual(yield* readable(segments), new Set(ids(others)))
        assert.deepStrictEqual(yield* indexed(documentId), ids(others))
        // Whoever says otherwise then is remembered instead.
        yield* set(documentId, [first!], true)
        yield* rebuilt(true)
        yield* rebuilt(false)
        assert.deepStrictEqual(yield* indexed(documentId), ids([first!, ...others]))
        assert.deepStrictEqual(yield* readable(segments), new Set(ids([first!, ...others])))
      }))

    it.effect("keeps what was asked for while the index is down, says so, and follows when it is back", () =>
      Effect.gen(function*() {
        const { entries, get, make, owedJobs, quiet, readable, set, switches } = yield* changes
        const { documentId, segments } = yield* make()
        switches.indexDown = true
        yield* set(documentId, segments.slice(0, 2), false)
        const [job] = yield* eventually(owedJobs, (jobs) => jobs.some(({ waitingFor }) => waitingFor === "search"))
        assert.deepInclude(job, { stage: "ApplyEnablement", attempts: 0 })
        assert.deepInclude(yield* get(documentId), { indexState: "pending", indexCause: null })
        assert.deepStrictEqual(yield* readable(segments), new Set(ids(segments.slice(2))))
        assert.strictEqual(yield* entries(documentId), segments.length)
        switches.indexDown = false
        yield* quiet
        assert.strictEqual((yield* get(documentId)).indexState, "in_sync")
        assert.strictEqual(yield* entries(documentId), segments.length - 2)
      }))

    it.effect("stores a refusal with what was refused, writes the others, and tries again until it works", () =>
      Effect.gen(function*() {
        const { all, get, indexed, make, owedJobs, quiet, set, switches } = yield* changes
        const { documentId, segments } = yield* make()
        yield* set(documentId, segments, false)
        yield* quiet
        const bad = segments[2]!
        switches.refuses = ({ segmentId }) => segmentId === bad.id
        yield* set(documentId, segments, true)
        yield* eventually(owedJobs, (jobs) => jobs.some(({ attempts }) => attempts > 1))
        const others = segments.filter(({ id }) => id !== bad.id)
        assert.deepStrictEqual(yield* indexed(documentId), ids(others))
        const failed = (yield* all(documentId)).filter(({ indexState }) => indexState === "failed")
        assert.deepStrictEqual(ids(failed), [bad.id])
        assert.strictEqual(failed[0]!.indexCause?._tag, "IndexRefused")
        assert.isTrue(failed[0]!.enabled)
        const document = yield* get(documentId)
        assert.deepStrictEqual([document.indexState, document.indexCause?._tag], ["failed", "IndexRefused"])
        switches.refuses = () => false
        // Another change is tried at once.
        yield* set(documentId, segments.slice(0, 1), false)
        yield* quiet
        assert.deepStrictEqual(yield* indexed(documentId), ids(segments.slice(1)))
        assert.deepInclude(yield* get(documentId), { indexState: "in_sync", indexCause: null })
        assert.isTrue((yield* all(documentId)).every((one) => one.indexState === "in_sync" && one.indexCause === null))
      }))

    it.effect("an index that refuses a removal changes nothing for readers, and is asked again", () =>
      Effect.gen(function*() {
        const { entries, get, make, owedJobs, quiet, readable, disable, switches } = yield* changes
        const { documentId, segments } = yield* make()
        switches.refusesRemoval = true
        yield* disable(documentId)
        yield* eventually(owedJobs, (jobs) => jobs.some(({ attempts }) => attempts > 0))
        assert.strictEqual((yield* readable(segments)).size, 0)
        const document = yield* get(documentId)
        assert.deepStrictEqual([document.indexState, document.indexCause?._tag], ["failed", "IndexRefused"])
        switches.refusesRemoval = false
        yield* quiet
        assert.strictEqual(yield* entries(documentId), 0)
        assert.deepInclude(yield* get(documentId), { enabled: false, indexState: "in_sync", indexCause: null })
      }))

    it.effect("makes the vectors that are missing, once, when the embedder is there", () =>
      Effect.gen(function*() {
        const { indexed, make, owedJobs, quiet, set, switches, tenantId } = yield* changes
        const sql = yield* SqlClient.SqlClient
        const { documentId, segments } = yield* make()
        yield* set(documentId, segments, false)
        yield* quiet
        yield* sql`delete from vectors where tenant_id = ${tenantId}`
        const paid = switches.embedded
        switches.embedderDown = true
        yield* set(documentId, segments, true)
        yield* eventually(owedJobs, (jobs) => jobs.some(({ waitingFor }) => waitingFor === "embedder"))
        switches.embedderDown = false
        yield* quiet
        assert.strictEqual(switches.embedded - paid, segments.length)
        assert.deepStrictEqual(yield* indexed(documentId), ids(segments))
      }))

    it.effect("a job that comes again, or late, changes nothing", () =>
      Effect.gen(function*() {
        const { datasetId, indexed, make, quiet, set, switches, tenantId } = yield* changes
        const sql = yield* SqlClient.SqlClient
        const { documentId, segments } = yield* make()
        yield* set(documentId, segments.slice(0, 1), false)
        yield* quiet
        const before = switches.removed.length
        const payload = JSON.stringify({ _tag: "ApplyEnablement", version: 1, datasetId, documentId })
        yield* sql`insert into jobs (tenant_id, id, stage, lane, payload, document_id)
          select ${tenantId}::uuid, gen_random_uuid(), 'ApplyEnablement', 'interactive', ${payload}::jsonb, ${documentId}::uuid
          from generate_series(1, 3)`
        yield* quiet
        assert.strictEqual(switches.removed.length, before)
        assert.deepStrictEqual(yield* indexed(documentId), ids(segments.slice(1)))
      }))
  })
}
