import * as FolderLock from "@sheaf/adapters/sql/FolderLock"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Layer, Option, Schedule } from "effect"
import { readKey } from "../home/credentials.ts"
import { chosen, shown } from "../settings/chosen.ts"
import { Listening } from "./Listening.ts"
import { givenKey, type Named, named, Target } from "./Target.ts"

/** How long to wait for a process that holds the folder and does not listen yet. */
const patience = Schedule.max([Schedule.spaced("100 millis"), Schedule.recurs(150)])

/** A client of the server that was named, of the one that holds the data folder, or else of one in this process. */
export const layer = Layer.unwrap(Effect.gen(function*() {
  const elsewhere = yield* named
  const settings = yield* chosen
  if (Option.isSome(elsewhere)) return clientOf(elsewhere.value)
  const given = yield* givenKey
  const key = Option.isSome(given) ? Effect.succeed(given) : Effect.asSome(readKey(settings.home))
  const folder = `the data folder ${shown(settings.home)}`
  const attach = Effect.gen(function*() {
    const holder = yield* Effect.flatMap(FolderLock.holder(settings.home), Effect.fromOption)
    if (holder.url === undefined) return yield* new FolderLock.FolderInUse({ home: settings.home, pid: holder.pid })
    return clientOf({ url: holder.url, key: yield* key, by: folder })
  })
  const own = Layer.unwrap(Effect.gen(function*() {
    const { url } = yield* Listening
    return clientOf({ url, key: yield* key, by: `${folder}, in this process` })
  })).pipe(Layer.provide(Listening.layerAllInOne({ settings, host: "127.0.0.1", port: 0, corsOrigins: [] })))
  const attached = Effect.retry(attach, { schedule: patience, while: (error) => error._tag === "FolderInUse" })
  return Layer.unwrap(attached).pipe(
    Layer.catchTag("NoSuchElementError", () => own),
    // Another process took the folder between the look and the start: then that one is the server.
    Layer.catchTag("FolderInUse", () => Layer.unwrap(attached))
  )
}))

/** A client of a server, and what is known of where it is. */
export const clientOf = ({ by, key, url }: Named) =>
  Layer.merge(
    Sheaf.layer({ url, ...(Option.isSome(key) && { key: key.value }) }),
    Layer.succeed(Target, { url, by })
  )
