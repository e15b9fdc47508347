import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { plantNames } from "../evidence/plants.ts"
import { checkModel, prepare } from "./checkModel.ts"

for (const [profile, runs] of [["embedded", 3], ["production", 1]] as const) {
  it.live(
    `whatever is done in whatever order, what is there is what the model says: ${profile}`,
    () =>
      prepare(profile).pipe(
        Effect.flatMap((ground) => checkModel(ground, { runs, seed: 1, shrink: false })),
        Effect.map((failure) => assert.isUndefined(failure)),
        Effect.scoped
      ),
    900_000
  )
}

it.live(
  "the model sees every kind of defect",
  () =>
    Effect.gen(function*() {
      const ground = yield* prepare("embedded")
      for (const plant of plantNames) {
        assert.isDefined(yield* checkModel(ground, { runs: 3, seed: 1, plant, shrink: false }), plant)
      }
    }).pipe(Effect.scoped),
  900_000
)
