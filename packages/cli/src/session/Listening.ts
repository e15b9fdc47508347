import type * as Adapters from "@sheaf/adapters/Adapters"
import type { Settings } from "@sheaf/adapters/settings"
import { Context, Effect, Layer } from "effect"

export interface AllInOneOptions {
  readonly settings: Settings
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  readonly corsOrigins: ReadonlyArray<string>
  /** In place of those that the settings select: for measuring. */
  readonly adapters?: ReturnType<typeof Adapters.layer>
}

/** The server that runs in this process. */
export class Listening extends Context.Service<Listening, {
  /** Where it can be reached from this machine. */
  readonly url: string
}>()("@sheaf/cli/session/Listening") {
  /** Loads the whole of Sheaf only when it is started: most commands talk to a server that runs already. */
  static readonly layerAllInOne = (options: AllInOneOptions) =>
    Layer.unwrap(Effect.map(Effect.promise(() => import("./allInOne.ts")), (allInOne) => allInOne.layer(options)))
}
