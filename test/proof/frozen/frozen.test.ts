import { assert, it } from "@effect/vitest"
import { JobTag } from "@sheaf/domain/jobs/Job"
import { Effect } from "effect"
import { reference } from "../matrix/cell.ts"
import { draw } from "../matrix/matrix.ts"
import { operations } from "../operations/index.ts"
import * as Stage from "../world/Stage.ts"
import { frozen } from "./frozen.ts"

const originOf = (point: string) => point.split("/")[0]!
const stages: ReadonlySet<string> = new Set(JobTag.literals)

// Each has stages of its own.
for (const operation of ["pipeline md", "DocumentsDelete", "DatasetsDelete"]) {
  it.live(
    `whoever stood still for longer than its lease changes nothing any more: ${operation}`,
    () =>
      Effect.gen(function*() {
        const seed = 1
        const stage = yield* Stage.make("embedded")
        const scenario = operations[operation]!
        const expected = yield* reference(stage, scenario)
        const byOrigin = Map.groupBy(expected.points.filter((point) => stages.has(originOf(point))), originOf)
        let stood = 0
        for (const points of byOrigin.values()) {
          for (const point of draw(points, 1, seed)) {
            const { findings, reached } = yield* frozen(stage, scenario, expected, point)
            assert.deepStrictEqual(findings, [], `${point}, seed ${seed}`)
            if (reached) stood++
          }
        }
        assert.isAbove(stood, byOrigin.size / 2)
      }).pipe(Effect.scoped),
    300_000
  )
}
