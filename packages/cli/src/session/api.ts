import { Health } from "@sheaf/adapters/health/Health"
import type { Settings } from "@sheaf/adapters/settings"
import { Server } from "@sheaf/server/Server"
import { Effect, Layer } from "effect"
import { version } from "../version.ts"
import { Listening } from "./Listening.ts"
import { firstKey, logToStderr, telemetry } from "./parts.ts"
import { reachable } from "./reachable.ts"
import { failsAs } from "./startup.ts"

export interface ApiOptions {
  readonly settings: Settings
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  readonly corsOrigins: ReadonlyArray<string>
}

/** The API alone: takes documents in and answers, and leaves the work to workers. Any number may share a database. */
export const layer = ({ settings, ...options }: ApiOptions) => {
  const server = Server.layer({ ...options, version, profile: "production", grace: settings.drain }).pipe(
    failsAs("The server"),
    // Whoever finds it ready finds the key as well.
    Layer.provide(Layer.effectDiscard(firstKey(settings)).pipe(failsAs("The first key")))
  )
  const ready = Layer.effect(
    Listening,
    Effect.gen(function*() {
      const { url } = yield* Server
      const { drain } = yield* Health
      yield* Effect.logInfo(`Sheaf ${version} listens on ${url}`)
      return { url, drain }
    })
  )
  return ready.pipe(
    Layer.provide(server),
    Layer.provide(reachable(settings, "api", options).pipe(failsAs("A part"))),
    Layer.provide(Layer.provideMerge(telemetry(settings, "sheaf-api"), logToStderr(settings)))
  )
}
