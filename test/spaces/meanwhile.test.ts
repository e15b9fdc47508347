import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import * as TestServer from "../support/TestServer.ts"
import { engines, eventually, old, patience, really, setting, text, working, young } from "./world.ts"

for (const { layer, name } of engines) {
  it.layer(layer, { timeout: "120 seconds" })(`what happens while a dataset moves, ${name}`, (it) => {
    it.effect(
      "what is uploaded, hidden, shown, edited and deleted meanwhile is so in the new space",
      () =>
        Effect.gen(function*() {
          yield* working
          const found = yield* setting
          const { available, cleared, entries, entriesOf, ingest, keys, publish, reached, search, segments, start } =
            found
          const [kept, hidden, gone, shown] = yield* Effect.forEach(
            ["oslo", "riga", "cork", "bern"],
            (name) => publish(name, text(name))
          )
          yield* TestServer.ok(keys.write, "DocumentsDisable", { documentId: shown })
          yield* eventually(entriesOf(old, shown!), (count) => count === 0)
          found.young.hangs = "oslo"
          const { id } = yield* start
          yield* eventually(Effect.sync(() => found.young.hanging), (count) => count > 0)
          // The old space serves, and everything can be done to it.
          const [first, second] = yield* segments(kept!)
          yield* TestServer.ok(keys.write, "SegmentsDisable", { documentId: kept, segmentIds: [first!.id] })
          yield* TestServer.ok(keys.write, "DocumentsDisable", { documentId: hidden })
          yield* TestServer.ok(keys.write, "DocumentsDelete", { documentId: gone })
          const texts = (yield* search({ text: "harbour" })).hits.map((hit) => hit.text)
          assert.isTrue(texts.some((found) => found.includes(second!.text.slice(0, 40))))
          assert.isFalse(texts.some((found) => found.includes("riga0") || found.includes("cork0")))
          yield* TestServer.ok(keys.write, "DocumentsEnable", { documentId: shown })
          const added = yield* ingest("pula", text("pula"))
          yield* really(Effect.sleep("300 millis"))
          found.young.hangs = null
          yield* available(added)
          yield* reached(id, "switched")
          yield* cleared(id)
          yield* eventually(entriesOf(young, hidden!), (count) => count === 0)
          yield* eventually(entriesOf(young, gone!), (count) => count === 0)
          yield* eventually(entriesOf(young, kept!), (count) => count === 2)
          yield* eventually(entriesOf(young, shown!), (count) => count === 3)
          assert.strictEqual(yield* entriesOf(young, added), 3)
          const after = (yield* search({ text: "harbour" })).hits
          assert.lengthOf(after, 8)
          assert.notInclude(after.map(({ segmentId }) => segmentId as string), first!.id)
          assert.deepStrictEqual([yield* entries(young), yield* entries(old)], [8, 0])
        }),
      patience
    )

    it.effect(
      "a pause stops it within a second with all that it has done; it goes on when it is resumed",
      () =>
        Effect.gen(function*() {
          yield* working
          const { change, keys, publish, reached, search, start, steer, young } = yield* setting
          yield* publish("oslo", text("oslo"))
          young.hangs = "oslo"
          const { id } = yield* start
          yield* eventually(Effect.sync(() => young.hanging), (count) => count > 0)
          const begin = performance.now()
          assert.isTrue((yield* steer("Pause", id)).paused)
          yield* eventually(Effect.sync(() => young.hanging), (count) => count === 0)
          assert.isBelow(performance.now() - begin, 1_000)
          young.hangs = null
          yield* really(Effect.sleep("400 millis"))
          assert.deepInclude(yield* change(id), { state: "building", paused: true })
          assert.lengthOf((yield* search({ text: "harbour" })).hits, 3)
          // Twice is fine.
          assert.isTrue((yield* steer("Pause", id)).paused)
          assert.isFalse((yield* steer("Resume", id)).paused)
          yield* reached(id, "switched")
          const late = yield* TestServer.rpc(keys.write, "SpaceChangesPause", { changeId: id })
          assert.deepInclude(late.json.error.data, { tag: "SpaceChangeConflict", state: "switched" })
        }),
      patience
    )

    it.effect("a cancel is final, and nothing is left of what was built", () =>
      Effect.gen(function*() {
        yield* working
        const { cleared, entries, keys, publish, reached, search, start, steer, hurry, owed, vectors, young: second } =
          yield* setting
        yield* publish("oslo", text("oslo"))
        second.hangs = "oslo"
        const { id } = yield* start
        yield* eventually(Effect.sync(() => second.hanging), (count) => count > 0)
        yield* publish("riga", text("riga"))
        assert.deepStrictEqual([yield* entries(young), yield* entries(old)], [3, 6])
        const state = (yield* steer("Cancel", id)).state
        assert.strictEqual(state, "cancelled")
        yield* cleared(id)
        assert.deepStrictEqual([yield* entries(young), yield* vectors(young), yield* entries(old)], [0, 0, 6])
        assert.lengthOf((yield* search({ text: "harbour" })).hits, 6)
        assert.strictEqual((yield* steer("Cancel", id)).state, "cancelled")
        const late = yield* TestServer.rpc(keys.write, "SpaceChangesResume", { changeId: id })
        assert.deepInclude(late.json.error.data, { tag: "SpaceChangeConflict", state: "cancelled" })
        // Whatever comes late is removed as well.
        yield* hurry
        yield* eventually(owed, (jobs) => jobs === 0)
        Object.assign(second, { embedded: 0, hangs: null })
        const again = yield* start
        yield* reached(again.id, "switched")
        assert.strictEqual(second.embedded, 6)
        assert.strictEqual(yield* entries(young), 6)
      }), patience)

    it.effect(
      "a segment that the new embedder refuses fails it with its place, until it is retried",
      () =>
        Effect.gen(function*() {
          yield* working
          const { change, datasetId, keys, publish, reached, search, start, steer, young } = yield* setting
          yield* publish("oslo", text("oslo"))
          const refused = yield* publish("poison", text("poison"))
          young.refuses = "poison1w"
          const { id } = yield* start
          const failed = yield* reached(id, "failed")
          assert.deepInclude(failed.cause, { _tag: "SegmentRefused", documentId: refused as string })
          assert.lengthOf((yield* search({ text: "harbour" })).hits, 6)
          const { events: items } = yield* TestServer.ok(keys.read, "EventsList", { after: "0" })
          const told = items.find(({ body }: { readonly body: { readonly _tag: string } }) =>
            body._tag === "SpaceChangeFailed"
          )
          assert.deepInclude(told.body, { datasetId, changeId: id })
          const other = yield* TestServer.rpc(keys.write, "DatasetsChangeSpace", { datasetId })
          assert.deepInclude(other.json.error.data, { tag: "SpaceChangeConflict", state: "failed" })
          young.refuses = null
          assert.deepInclude(yield* steer("Retry", id), { state: "building", cause: null })
          yield* reached(id, "switched")
          assert.strictEqual((yield* change(id)).documents.built, 2)
        }),
      patience
    )

    it.effect(
      "an upload that the new embedder refuses fails the move and not the document",
      () =>
        Effect.gen(function*() {
          yield* working
          const { available, ingest, publish, reached, search, start, young } = yield* setting
          yield* publish("oslo", text("oslo"))
          young.hangs = "oslo"
          const { id } = yield* start
          yield* eventually(Effect.sync(() => young.hanging), (count) => count > 0)
          young.refuses = "poison1w"
          const added = yield* ingest("poison", text("poison"))
          yield* available(added)
          const failed = yield* reached(id, "failed")
          assert.deepInclude(failed.cause, { _tag: "SegmentRefused", documentId: added as string })
          young.hangs = null
          assert.lengthOf((yield* search({ text: "harbour" })).hits, 6)
        }),
      patience
    )

    it.effect("so does a segment that is edited into one that the new embedder refuses", () =>
      Effect.gen(function*() {
        yield* working
        const { keys, publish, reached, search, segments, start, young } = yield* setting
        const documentId = yield* publish("oslo", text("oslo"))
        const [first] = yield* segments(documentId)
        young.hangs = "oslo1"
        const { id } = yield* start
        yield* eventually(Effect.sync(() => young.hanging), (count) => count > 0)
        young.refuses = "poison"
        yield* TestServer.ok(keys.write, "SegmentsEdit", {
          documentId,
          segmentId: first!.id,
          text: "A poison harbour."
        })
        const failed = yield* reached(id, "failed")
        assert.deepInclude(failed.cause, { _tag: "SegmentRefused", documentId: documentId as string })
        const found = eventually(search({ text: "poison" }), ({ hits }) => hits.length > 0)
        assert.strictEqual((yield* found).hits[0]!.text, "A poison harbour.")
        young.hangs = null
      }), patience)

    it.effect("an outage of the new embedder is waited for, and said", () =>
      Effect.gen(function*() {
        yield* working
        const { change, publish, reached, search, start, young } = yield* setting
        yield* publish("oslo", text("oslo"))
        young.isDown = true
        const { id } = yield* start
        yield* eventually(change(id), ({ waitingFor }) => waitingFor === "embedder")
        assert.lengthOf((yield* search({ text: "harbour" })).hits, 3)
        young.isDown = false
        assert.isNull((yield* reached(id, "switched")).waitingFor)
      }), patience)
  })
}
