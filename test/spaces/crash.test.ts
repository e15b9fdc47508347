import { assert, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import * as TestServer from "../support/TestServer.ts"
import { engines, eventually, old, patience, really, setting, text, working, young } from "./world.ts"

for (const { layer, name } of engines) {
  it.layer(layer, { timeout: "120 seconds" })(`workers that die on a move, ${name}`, (it) => {
    it.effect(
      "one that has lost its lease writes nothing more; another goes on where it was",
      () =>
        Effect.gen(function*() {
          const { cleared, datasetId, entries, keys, publish, reached, search, start, vectors, young: second } =
            yield* setting
          // Nobody tidies up behind it before all is over.
          const scope = yield* Scope.make()
          yield* Scope.provide(working, scope)
          yield* Effect.forEach(["oslo", "riga"], (name) => publish(name, text(name)))
          second.hangs = "oslo"
          const { id } = yield* start
          yield* eventually(Effect.sync(() => second.hanging), (count) => count === 1)
          yield* working
          yield* eventually(Effect.sync(() => second.hanging), (count) => count === 1)
          yield* really(Effect.sleep("300 millis"))
          second.hangs = null
          yield* reached(id, "switched")
          yield* cleared(id)
          assert.deepStrictEqual([yield* entries(young), yield* entries(old), yield* vectors(old)], [6, 0, 0])
          assert.lengthOf((yield* search({ text: "harbour" })).hits, 6)
          assert.strictEqual((yield* TestServer.ok(keys.read, "DatasetsGet", { datasetId })).space.id, young.id)
          yield* Scope.close(scope, Exit.void)
        }),
      patience
    )

    it.effect("a move that is interrupted again and again comes to the same end", () =>
      Effect.gen(function*() {
        const { cleared, entries, publish, reached, search, start, vectors } = yield* setting
        const names = ["oslo", "riga", "cork"]
        yield* Effect.scoped(Effect.andThen(
          working,
          Effect.forEach(names, (name) => publish(name, text(name, 60)), { concurrency: 3 })
        ))
        const found = Effect.map(
          search({ text: "harbour" }),
          ({ hits }) => new Set(hits.map((hit) => hit.segmentId)).size
        )
        const total = yield* entries(old)
        assert.strictEqual(total, 180)
        const { id } = yield* start
        for (let life = 0; life < 12; life++) {
          // Closed in the middle of whatever it is at, with no time to end it.
          yield* Effect.scoped(Effect.andThen(working, really(Effect.sleep(`${60 + life * 25} millis`))))
          assert.strictEqual(yield* found, 100)
        }
        yield* working
        yield* reached(id, "switched")
        const done = yield* cleared(id)
        assert.deepInclude(done, { documents: { total: 3, built: 3, verified: 3 }, segments: total })
        assert.strictEqual(yield* entries(young), total)
        assert.deepStrictEqual([yield* entries(old), yield* vectors(old)], [0, 0])
        assert.strictEqual(yield* found, 100)
      }), patience)
  })
}
