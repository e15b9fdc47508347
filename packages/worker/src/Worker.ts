import { Accepting } from "@sheaf/adapters/lifecycle/Accepting"
import { Effect, Layer } from "effect"
import { randomUUID } from "node:crypto"
import * as Follower from "./notifications/follower.ts"
import { layer as choresLayer } from "./pipeline/Chores.ts"
import { defaults, Runner, type RunnerOptions } from "./pipeline/Runner.ts"
import { Settle } from "./pipeline/Settle.ts"
import { defaults as usual, Upkeep, type UpkeepOptions } from "./reconcile/Upkeep.ts"
import { stages } from "./stages/index.ts"

export interface WorkerOptions extends Partial<Omit<RunnerOptions, "holder">> {
  /** Names this process in leases, for people who look. Made unique here: a process that comes back is another holder. */
  readonly name: string
  /** No other process can be at work on this database, so whatever an earlier one held is free at once. */
  readonly alone: boolean
  /** How it looks after the installation; what is left out is as usual. */
  readonly upkeep?: Partial<UpkeepOptions>
}

/** Everything that works on owed jobs; open are the ports and repositories. */
export const layer = (options: WorkerOptions) => {
  // Not the process id alone: the next process may have the same one, and would keep the leases of the dead one alive.
  const holder = `${options.name} ${randomUUID()}`
  const runner = Layer.unwrap(
    Effect.map(stages, (all) => Runner.layer(Object.values(all), { ...defaults, ...options, holder }))
  ).pipe(Layer.provide(Accepting.layer))
  const upkeep = Layer.succeed(Upkeep, { ...usual, ...options.upkeep })
  return Layer.mergeAll(
    runner.pipe(Layer.provide(Settle.layer)),
    choresLayer({ ...options, holder }),
    Follower.layer({ holder })
  ).pipe(
    Layer.provide(upkeep)
  )
}
