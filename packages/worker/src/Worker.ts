import { Effect, Layer } from "effect"
import { layer as choresLayer } from "./pipeline/Chores.ts"
import { defaults, Runner, type RunnerOptions } from "./pipeline/Runner.ts"
import { Settle } from "./pipeline/Settle.ts"
import { stages } from "./stages/index.ts"

export interface WorkerOptions extends Partial<Omit<RunnerOptions, "holder">> {
  /** Names this process in leases: unique among all that share the database. */
  readonly holder: string
  /** No other process can be at work on this database, so whatever an earlier one held is free at once. */
  readonly alone: boolean
}

/** Everything that works on owed jobs; open are the ports and repositories. */
export const layer = (options: WorkerOptions) => {
  const runner = Layer.unwrap(
    Effect.map(stages, (all) => Runner.layer(Object.values(all), { ...defaults, ...options }))
  )
  return Layer.mergeAll(runner.pipe(Layer.provide(Settle.layer)), choresLayer(options))
}
