import { Config, Context, Effect, Layer, Option } from "effect"
import { makeSheaf, type SheafService } from "./makeSheaf.ts"
import type { ClientOptions } from "./options.ts"

/**
 * The client for Effect programs. Every call has a deadline and typed errors; changes carry an idempotency key and calls are
 * sent again after a lost connection. Nothing is connected before the first call, so building the layer never fails for want
 * of a server.
 */
export class Sheaf extends Context.Service<Sheaf, SheafService>()("@sheaf/sdk/Client/Sheaf") {
  static readonly layer = (options: ClientOptions = {}): Layer.Layer<Sheaf> => Layer.effect(Sheaf, makeSheaf(options))

  /** The same, with `SHEAF_URL` and `SHEAF_KEY` of the environment where `url` and `key` are left out. */
  static readonly layerConfig = (options: ClientOptions = {}): Layer.Layer<Sheaf, Config.ConfigError> =>
    Layer.effect(Sheaf, Effect.flatMap(withEnvironment(options), makeSheaf))
}

const withEnvironment = Effect.fnUntraced(function*({ key, url, ...options }: ClientOptions) {
  return {
    ...options,
    url: url ?? Option.getOrUndefined(yield* Config.option(Config.String("SHEAF_URL"))),
    key: key ?? Option.getOrUndefined(yield* Config.option(Config.Redacted("SHEAF_KEY")))
  }
})
