import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { plantNames } from "../evidence/plants.ts"
import { checkModel } from "./checkModel.ts"

for (const [profile, runs] of [["embedded", 3], ["production", 1]] as const) {
  it.live(
    `whatever is done in whatever order, what is there is what the model says: ${profile}`,
    () => Effect.map(checkModel({ profile, runs, seed: 1, shrink: false }), (failure) => assert.isUndefined(failure)),
    900_000
  )
}

it.live(
  "the model sees every kind of defect",
  () =>
    Effect.forEach(
      plantNames,
      (plant) =>
        Effect.map(checkModel({ profile: "embedded", runs: 3, seed: 1, plant, shrink: false }), (failure) =>
          assert.isDefined(failure, plant))
    ),
  900_000
)
