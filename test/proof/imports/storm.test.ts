import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { storm } from "./storm.ts"

it.effect(
  "an import in a storm of refusals whose process dies three times ends with every row once, and each question paid for once",
  () =>
    Effect.gen(function*() {
      const seed = 2
      const { deaths, findings } = yield* storm({ rows: 1_500, kills: 3, seed })
      assert.deepStrictEqual(findings, [], `seed ${seed}`)
      assert.lengthOf(deaths, 3)
    }),
  180_000
)
