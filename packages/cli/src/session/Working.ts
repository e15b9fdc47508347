import type { Settings } from "@sheaf/adapters/settings"
import { Context, Effect, Layer, type Option } from "effect"

/** The worker that runs in this process. */
export class Working extends Context.Service<Working, {
  /** Where its health can be asked for, if anywhere. */
  readonly healthUrl: Option.Option<string>
  /** From now on it is not ready: it is about to end. */
  readonly drain: Effect.Effect<void>
}>()("@sheaf/cli/session/Working") {
  static readonly layer = (settings: Settings) =>
    Layer.unwrap(Effect.map(Effect.promise(() => import("./worker.ts")), (worker) => worker.layer(settings)))
}
