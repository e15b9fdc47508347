import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { plantNames } from "../evidence/plants.ts"
import * as Stage from "../world/Stage.ts"
import { operations } from "../operations/index.ts"
import { cell, reference } from "./cell.ts"
import { crashMatrix } from "./matrix.ts"

it.live(
  "a process that dies between any two effects of an operation leaves what it leaves without dying",
  () =>
    Effect.gen(function*() {
      const seed = 1
      const cells = yield* crashMatrix("embedded", { sample: 14, seed })
      const broken = cells.filter(({ findings }) => findings.length > 0)
      assert.deepStrictEqual(broken, [], `seed ${seed}`)
      assert.isAbove(cells.filter(({ reached }) => reached).length, 10, "cells in which the process died")
    }).pipe(Effect.scoped),
  900_000
)

it.live("the crash matrix sees every kind of defect", () =>
  Effect.gen(function*() {
    const stage = yield* Stage.make("embedded")
    const scenario = operations["DocumentsRetry"]!
    const expected = yield* reference(stage, scenario)
    const point = "PublishRun/transaction#1:after-commit"
    assert.include(expected.points, point)
    for (const plant of plantNames) {
      const { findings } = yield* cell(stage, scenario, expected, { point, plant })
      assert.isNotEmpty(findings, plant)
    }
  }).pipe(Effect.scoped), 600_000)
