import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { plantNames } from "../evidence/plants.ts"
import * as Stage from "../world/Stage.ts"
import { crashMatrix } from "./matrix.ts"

const untold = () => Effect.void

it.live(
  "a process that dies between any two effects of an operation leaves what it leaves without dying",
  () =>
    Effect.gen(function*() {
      const seed = 1
      const stage = yield* Stage.make("embedded")
      const cells = yield* crashMatrix(stage, { sample: 14, seed }, untold)
      const broken = cells.filter(({ findings }) => findings.length > 0)
      assert.deepStrictEqual(broken, [], `seed ${seed}`)
      assert.isAbove(cells.filter(({ reached }) => reached).length, 10, "cells in which the process died")
    }).pipe(Effect.scoped),
  900_000
)

it.live("the crash matrix sees every kind of defect", () =>
  Effect.gen(function*() {
    const stage = yield* Stage.make("embedded")
    for (const plant of plantNames) {
      const cells = yield* crashMatrix(
        stage,
        { operation: "DocumentsRetry", point: "PublishRun/transaction#1:after-commit", seed: 1, plant },
        untold
      )
      assert.isTrue(cells.some(({ findings, point }) => point !== "none" && findings.length > 0), plant)
    }
  }).pipe(Effect.scoped), 600_000)
