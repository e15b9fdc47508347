import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as TestServer from "../../../../test/support/TestServer.ts"
import { Embedder } from "../embedding/Embedder.ts"
import { makeSpace } from "../embedding/makeSpace.ts"
import { otherSpaces } from "./otherSpaces.ts"

it.layer(TestServer.layer(), { timeout: "60 seconds" })("an embedder", (it) => {
  it.effect("is warned of datasets that were made with another one, whose ever they are", () =>
    Effect.gen(function*() {
      const one = yield* TestServer.makeTenant
      const two = yield* TestServer.makeTenant
      for (const name of ["first", "second"]) yield* TestServer.ok(one.keys.write, "DatasetsCreate", { name })
      for (let i = 0; i < 5; i++) yield* TestServer.ok(two.keys.write, "DatasetsCreate", { name: `more ${i}` })
      const { space } = yield* Embedder
      assert.deepStrictEqual(yield* otherSpaces, [])
      const other = Layer.mock(Embedder, { space: makeSpace({ ...space, model: "another-model" }), parallel: 1 })
      const warnings = yield* Effect.provide(otherSpaces, other)
      assert.lengthOf(warnings, 1)
      for (const word of ["7 datasets", "\"first\"", "and others", space.model, "another-model"]) {
        assert.include(warnings[0], word)
      }
    }))
})
