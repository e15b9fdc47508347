import { Clock, Effect } from "effect"
import { difference } from "../evidence/canonical.ts"
import type { PlantName } from "../evidence/plants.ts"
import { operations } from "../operations/index.ts"
import { numbers } from "../numbers.ts"
import type { Profile } from "../world/Installation.ts"
import type { Stage } from "../world/Stage.ts"
import { cell, reference } from "./cell.ts"
import { makeStages } from "./stages.ts"

/** Which cells of the matrix: all, unless something is said. */
export interface Selection {
  readonly operation?: string
  /** Part of a point's name. */
  readonly point?: string
  /** So many cells, drawn by the seed: operations first, then points of each. */
  readonly sample?: number
  readonly seed: number
  /** A defect of our own in every cell, to see that it is found. */
  readonly plant?: PlantName
}

export interface Cell {
  readonly operation: string
  /** `none` is the operation without a crash. */
  readonly point: string
  /** Whether the process died there. */
  readonly reached: boolean
  readonly findings: ReadonlyArray<string>
  readonly seconds: number
}

/** A random choice that the seed repeats. */
export const draw = <A>(items: ReadonlyArray<A>, count: number, seed: number): ReadonlyArray<A> => {
  const next = numbers(seed)
  return items.map((item) => [next(), item] as const).sort(([a], [b]) => a - b).slice(0, count).map(([, item]) => item)
}

const seconds = Effect.map(Clock.currentTimeMillis, (now) => now / 1_000)

/**
 * Goes through an operation without a crash, twice: where that ends in two ways, nothing can be compared with it. Once is enough where
 * only a sample is looked at: its one cell is the second way.
 */
const measure = Effect.fnUntraced(function*(stage: Stage, operation: string, isSample: boolean) {
  const begun = yield* seconds
  const scenario = operations[operation]!
  const first = yield* reference(stage, scenario)
  const second = isSample ? first : yield* reference(stage, scenario)
  const points = [...new Set([...first.points, ...second.points])]
  const findings = difference(first.state, second.state).map((line) => `two ends without a crash: ${line}`)
  return { operation, scenario, first, points, findings, seconds: (yield* seconds) - begun }
})

/** Goes through the matrix, operation by operation; `onCells` hears of each when its cells are done. */
export const crashMatrix = Effect.fn("matrix.crashMatrix")(function*<R>(
  profile: Profile,
  selection: Selection,
  onCells: (operation: string, cells: ReadonlyArray<Cell>) => Effect.Effect<void, never, R>
) {
  const { sample } = selection
  const nextStage = yield* makeStages(profile)
  const candidates = Object.keys(operations).filter((name) =>
    selection.operation === undefined || name === selection.operation
  )
  const names = sample === undefined ? candidates : draw(candidates, sample, selection.seed)
  const share = sample === undefined ? undefined : Math.ceil(sample / names.length)
  const all: Array<Cell> = []
  for (const [at, name] of names.entries()) {
    const { findings, first, points, scenario, ...measured } = yield* measure(
      yield* nextStage,
      name,
      share !== undefined
    )
    const wanted = points.filter((point) => selection.point === undefined || point.includes(selection.point))
    const chosen = share === undefined ? wanted : draw(wanted, share, selection.seed * 1_000 + at)
    const cells: Array<Cell> = [{ operation: name, point: "none", reached: false, findings, seconds: measured.seconds }]
    for (const point of chosen) {
      const begun = yield* seconds
      const result = yield* cell(yield* nextStage, scenario, first, {
        point,
        ...(selection.plant !== undefined && { plant: selection.plant })
      })
      cells.push({ operation: name, point, ...result, seconds: (yield* seconds) - begun })
    }
    yield* onCells(name, cells)
    all.push(...cells)
  }
  return all
})
