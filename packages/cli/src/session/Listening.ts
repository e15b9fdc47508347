import type * as Adapters from "@sheaf/adapters/Adapters"
import { Context, Effect, Layer } from "effect"
import type { ApiOptions } from "./api.ts"

export interface AllInOneOptions extends ApiOptions {
  /** In place of those that the settings select: for measuring. */
  readonly adapters?: ReturnType<typeof Adapters.layer>
}

/** The server that runs in this process. */
export class Listening extends Context.Service<Listening, {
  /** Where it can be reached from this machine. */
  readonly url: string
  /** From now on it is not ready: it is about to end. */
  readonly drain: Effect.Effect<void>
}>()("@sheaf/cli/session/Listening") {
  /** Loads the whole of Sheaf only when it is started: most commands talk to a server that runs already. */
  static readonly layerAllInOne = (options: AllInOneOptions) =>
    Layer.unwrap(Effect.map(Effect.promise(() => import("./allInOne.ts")), (allInOne) => allInOne.layer(options)))

  /** The API alone. */
  static readonly layerApi = (options: ApiOptions) =>
    Layer.unwrap(Effect.map(Effect.promise(() => import("./api.ts")), (api) => api.layer(options)))
}
