import { assert, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import * as TestServer from "../support/TestServer.ts"
import { engines, old, patience, really, setting, text, working, young } from "./world.ts"

for (const { layer, name } of engines) {
  it.layer(layer, { timeout: "120 seconds" })(`moving a dataset to another space, ${name}`, (it) => {
    it.effect(
      "no search meanwhile misses a segment or sees one twice, and all keep their ids",
      () =>
        Effect.gen(function*() {
          yield* working
          const { cleared, datasetId, entries, keys, publish, reached, search, segments, start, vectors } =
            yield* setting
          const documents = yield* Effect.forEach(["oslo", "riga", "cork"], (name) => publish(name, text(name)))
          const before = yield* Effect.forEach(documents, segments)
          const all = before.flat().map(({ id }) => id).sort()
          assert.isAtLeast(all.length, 6)
          const seen = new Set<string>()
          const look = Effect.gen(function*() {
            const { explain, hits } = yield* search({ text: "harbour" })
            assert.notProperty(explain, "without")
            assert.deepStrictEqual(hits.map(({ segmentId }) => segmentId as string).sort(), all)
            seen.add((yield* TestServer.ok(keys.read, "DatasetsGet", { datasetId })).space.id)
          })
          const looking = yield* really(Effect.forkChild(Effect.forever(look)))
          const { id } = yield* start
          yield* reached(id, "switched")
          yield* really(Effect.sleep("200 millis"))
          assert.strictEqual(yield* entries(young), all.length)
          const done = yield* cleared(id)
          yield* look
          assert.isUndefined(looking.pollUnsafe())
          yield* Fiber.interrupt(looking)
          assert.deepStrictEqual([...seen].sort(), [old.id, young.id].sort())
          assert.deepStrictEqual(yield* Effect.forEach(documents, segments), before)
          assert.deepStrictEqual([yield* entries(old), yield* vectors(old)], [0, 0])
          assert.deepInclude(done, {
            segments: all.length,
            documents: { total: 3, built: 3, verified: 3 },
            removed: { indexEntries: all.length, vectors: all.length }
          })
          const { events: items } = yield* TestServer.ok(keys.read, "EventsList", { after: "0" })
          const told = items.find(({ body }: { readonly body: { readonly _tag: string } }) =>
            body._tag === "SpaceChanged"
          )
          assert.deepInclude(told.body, { datasetId, from: old.id, to: young.id, segments: all.length })
        }),
      patience
    )

    it.effect("a run after it finds the same segments and embeds nothing again", () =>
      Effect.gen(function*() {
        yield* working
        const { available, cleared, keys, publish, reached, segments, start, young } = yield* setting
        const documentId = yield* publish("oslo", text("oslo"))
        const before = yield* segments(documentId)
        const { id } = yield* start
        yield* reached(id, "switched")
        yield* cleared(id)
        const embedded = young.embedded
        yield* TestServer.ok(keys.write, "DocumentsRetry", { documentId })
        yield* available(documentId)
        assert.deepStrictEqual(yield* segments(documentId), before)
        assert.strictEqual(young.embedded, embedded)
      }), patience)
  })
}
