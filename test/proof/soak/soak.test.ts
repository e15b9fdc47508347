import { assert, it } from "@effect/vitest"
import { Effect, Random } from "effect"
import * as Production from "../../support/production/Production.ts"
import { soak } from "./soak.ts"

it.live(
  "whichever process is killed while everything is being done, all comes to a right end",
  () =>
    Effect.gen(function*() {
      const seed = 1
      const production = yield* Production.start({ workers: 2 })
      // The judge is worth something: in the very same place, each defect of our own brings something new to light. An entry is changed
      // before there is one that is nobody's.
      const plants = ["stale", "orphan", "drift", "duplicate", "lost"] as const
      const { calls, findings, planted } = yield* Random.withSeed(soak(production, { kills: 8, seed, plants }), seed)
      assert.deepStrictEqual(findings, [], `seed ${seed}`)
      assert.isAbove(calls, 50)
      assert.lengthOf(planted, plants.length)
      for (const brought of planted) assert.isNotEmpty(brought.findings, brought.plant)
    }).pipe(Effect.scoped),
  900_000
)
