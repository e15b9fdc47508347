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
      const { calls, findings } = yield* Random.withSeed(soak(production, { kills: 8, seed }), seed)
      assert.deepStrictEqual(findings, [], `seed ${seed}`)
      assert.isAbove(calls, 50)
      for (const plant of ["lost", "duplicate", "drift", "orphan", "stale"] as const) {
        const planted = yield* Random.withSeed(soak(production, { kills: 0, seed, plant }), seed)
        assert.isAbove(planted.findings.length, 0, plant)
      }
    }).pipe(Effect.scoped),
  900_000
)
