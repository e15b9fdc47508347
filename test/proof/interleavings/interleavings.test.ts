import { assert, it } from "@effect/vitest"
import { Effect, Random } from "effect"
import { plantNames } from "../evidence/plants.ts"
import * as Stage from "../world/Stage.ts"
import { meetAll, prepare } from "./interleavings.ts"

it.live(
  "any two operations on one document at the same time leave it whole, with and without doubled hints",
  () =>
    Effect.gen(function*() {
      const seed = 1
      const results = yield* Random.withSeed(meetAll(yield* prepare, { runs: 2, sample: 40 }), seed)
      assert.deepStrictEqual(results.filter(({ findings }) => findings.length > 0), [], `seed ${seed}`)
    }).pipe(Effect.scoped),
  900_000
)

it.live(
  "the judge of interleavings sees every kind of defect",
  () =>
    Effect.gen(function*() {
      const stage = yield* Stage.make("production")
      for (const plant of plantNames) {
        const results = yield* meetAll({ plain: stage, doubled: stage }, {
          runs: 1,
          only: "DatasetsUpdate",
          sample: 4,
          plant
        })
        assert.isTrue(results.some(({ findings }) => findings.length > 0), plant)
      }
    }).pipe(Effect.scoped),
  900_000
)
