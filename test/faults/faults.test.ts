import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Production from "../support/production/Production.ts"
import { faults } from "./faults.ts"
import { isSound, kinds } from "./judge.ts"
import { plants } from "./plants.ts"
import { trial } from "./trial.ts"

const [nothing, everything] = ["nothing", "everything"].map((wanted) => faults.find(({ name }) => name === wanted)!)

it.live(
  "whatever breaks at once, every document is published once and nothing is left over",
  () =>
    Effect.gen(function*() {
      const production = yield* Production.start({ workers: 2, batchMs: 60 })
      const { findings } = yield* trial(production, everything!, { seed: 7, documents: 10, size: "small" })
      assert.isTrue(isSound(findings), JSON.stringify(findings, null, 2))

      // The judge is worth something: it sees each kind of defect in the very same place.
      const judged = yield* trial(production, nothing!, {
        seed: 8,
        documents: 3,
        size: "small",
        // Backwards: an entry is changed before there is one that is nobody's.
        plant: (...where) =>
          Effect.forEach(Object.values(plants).toReversed(), (plant) => plant(...where), { discard: true })
      })
      assert.deepStrictEqual(kinds.filter((kind) => judged.findings[kind].length === 0), [])
    }).pipe(Effect.scoped),
  600_000
)
