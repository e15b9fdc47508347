import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import * as TestServer from "../support/TestServer.ts"
import { setting, withBundled, working, young } from "./world.ts"

const texts = [
  "The dog sleeps by the fire while it rains.",
  "Interest rates were raised by the central bank.",
  "Bake the bread until its crust is brown."
]

it.layer(withBundled, { timeout: "120 seconds" })("moving between the bundled model and another", (it) => {
  it.effect(
    "questions are embedded by the model of the space that serves, there and back",
    () =>
      Effect.gen(function*() {
        yield* working
        const { cleared, datasetId, keys, publish, reached, search, start } = yield* setting
        for (const text of texts) yield* publish(text, text)
        const best = (text: string) =>
          Effect.map(search({ text, mode: "vector" }), ({ explain, hits }) => {
            assert.notProperty(explain, "without")
            assert.lengthOf(new Set(hits.map(({ segmentId }) => segmentId)), hits.length)
            return hits[0]?.text
          })
        // Not a word in common: meaning alone finds it.
        assert.strictEqual(yield* best("a puppy taking a nap"), texts[0])
        const { id } = yield* start
        yield* reached(id, "switched")
        yield* cleared(id)
        // The other model knows words alone.
        assert.strictEqual(yield* best("bake the bread until its crust is brown"), texts[2])
        const { space } = yield* TestServer.ok(keys.read, "DatasetsGet", { datasetId })
        assert.strictEqual(space.id, young.id)
        const back = yield* TestServer.ok(keys.write, "DatasetsChangeSpace", { datasetId })
        yield* reached(back.id, "switched")
        yield* cleared(back.id)
        assert.strictEqual(yield* best("a puppy taking a nap"), texts[0])
        const { items } = yield* TestServer.ok(keys.read, "SpaceChangesList", { datasetId })
        assert.deepStrictEqual(items.map((change: { readonly id: string }) => change.id), [back.id, id])
      }),
    60_000
  )
})
