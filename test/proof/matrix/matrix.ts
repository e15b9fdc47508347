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

/** An operation of the matrix, and how many of its points are drawn; all of them where nothing is said. */
export interface Task {
  readonly operation: string
  readonly points?: { readonly count: number; readonly seed: number }
}

/** The operations that a selection asks for. */
export const tasksOf = ({ operation, sample, seed }: Selection): ReadonlyArray<Task> => {
  const candidates = Object.keys(operations).filter((name) => operation === undefined || name === operation)
  if (sample === undefined) return candidates.map((operation) => ({ operation }))
  const names = draw(candidates, sample, seed)
  const count = Math.ceil(sample / names.length)
  return names.map((operation, at) => ({ operation, points: { count, seed: seed * 1_000 + at } }))
}

/** Lets the operation die at each of its points, one after the other. */
export const cellsOf = Effect.fn("matrix.cellsOf")(function*(
  nextStage: Effect.Success<ReturnType<typeof makeStages>>,
  { operation, points: drawn }: Task,
  { plant, point: part }: Pick<Selection, "plant" | "point">
) {
  const { findings, first, points, scenario, ...measured } = yield* measure(
    yield* nextStage,
    operation,
    drawn !== undefined
  )
  const wanted = points.filter((point) => part === undefined || point.includes(part))
  const chosen = drawn === undefined ? wanted : draw(wanted, drawn.count, drawn.seed)
  const cells: Array<Cell> = [{ operation, point: "none", reached: false, findings, seconds: measured.seconds }]
  for (const point of chosen) {
    const begun = yield* seconds
    const result = yield* cell(yield* nextStage, scenario, first, { point, ...(plant !== undefined && { plant }) })
    cells.push({ operation, point, ...result, seconds: (yield* seconds) - begun })
  }
  return cells
})

/** Goes through the matrix in this process, operation by operation. */
export const crashMatrix = Effect.fn("matrix.crashMatrix")(function*(profile: Profile, selection: Selection) {
  const nextStage = yield* makeStages(profile)
  const cells = yield* Effect.forEach(tasksOf(selection), (task) => cellsOf(nextStage, task, selection))
  return cells.flat()
})
