import * as Adapters from "@sheaf/adapters/Adapters"
import type { Settings } from "@sheaf/adapters/settings"
import { BadConfiguration } from "@sheaf/adapters/settings/Problem"
import { ensureFirstKey } from "@sheaf/server/admin/firstKey"
import * as Jails from "@sheaf/worker/parsing/jails"
import { languageData } from "@sheaf/worker/parsing/render/ocr/languages"
import { Effect, Layer, Logger, Option, References } from "effect"
import { randomUUID } from "node:crypto"
import { availableParallelism, hostname } from "node:os"
import { writeKey } from "../home/credentials.ts"

// What the processes of Sheaf have in common.

/** The processes that parse, draw and read for a process that works. */
export const jail = (settings: Settings) => {
  const { found, missing } = languageData(settings.recognition.languages)
  if (missing.length > 0) {
    return Layer.effectContext(
      Effect.fail(
        new BadConfiguration({
          problems: missing.map((name) => ({
            about: "SHEAF_OCR_LANGUAGES",
            what: `the data of a language is not installed: ${name}`,
            remedy: `Install it with \`npm install ${name}\`, or leave the language out.`
          }))
        })
      )
    )
  }
  return Jails.layer({
    // A document is parsed before any of it is embedded, so the two do not compete for the cores.
    // Few unless more are wished for: each takes memory, and the cores of a machine may not all be for this container.
    processes: Option.getOrElse(settings.parsers, () => Math.min(2, availableParallelism())),
    wallTimeMs: 240_000,
    cpuTimeMs: 120_000,
    maxMemoryBytes: 1_500_000_000,
    maxOutputBytes: 512_000_000,
    inputFolders: Adapters.localFiles(settings),
    languages: found
  })
}

/** Makes the first key where there is none. One that the settings give is known to whoever gave it, and needs no file. */
export const firstKey = ({ firstKey, home }: Settings) =>
  ensureFirstKey((secret) => Option.isSome(firstKey) ? Effect.void : writeKey(home, secret), firstKey)

/** Everything that is logged goes to standard error, as programs read it. */
export const logToStderr = ({ logFormat }: Settings) =>
  Logger.layer([
    Logger.map(logFormat === "json" ? Logger.formatJson : Logger.formatLogFmt, (line) => {
      process.stderr.write(`${line}\n`)
    })
  ])

/** NATS as an interface to other services, where it is configured: events in, outcomes and progress out. */
export const natsInterface = ({ fetch, messaging }: Settings) => {
  if (messaging._tag !== "Nats" || messaging.services === undefined) return Layer.empty
  const { concurrency } = messaging.services
  return Layer.unwrap(Effect.gen(function*() {
    const [{ NatsConnection }, { layer }] = yield* Effect.promise(() =>
      Promise.all([import("@sheaf/adapters/nats/NatsConnection"), import("@sheaf/worker/sources/nats/NatsInterface")])
    )
    // Where NATS is configured, the adapters hold the connection.
    const connection = Layer.effect(
      NatsConnection,
      Effect.flatMap(Effect.serviceOption(NatsConnection), Effect.fromOption)
    )
    return layer({
      holder: `${hostname()}/${process.pid} ${randomUUID()}`,
      concurrency,
      replicas: messaging.replicas,
      fetch
    }).pipe(Layer.provide(Layer.orDie(connection)))
  }))
}

/** Loaded only where it is configured. Where nobody collects spans none are made: they cost a tenth of a call. */
export const telemetry = (settings: Settings, serviceName: string): Layer.Layer<never> =>
  settings.telemetry._tag === "Off"
    ? Layer.succeed(References.TracerEnabled, false)
    : Layer.unwrap(
      Effect.map(Effect.promise(() => import("./telemetry.ts")), (module) => module.layer(settings, serviceName))
    )
