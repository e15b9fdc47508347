import * as FolderLock from "@sheaf/adapters/sql/FolderLock"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Layer, Option, type Redacted, Schedule } from "effect"
import { readKey } from "../home/credentials.ts"
import { Key, Url } from "../settings/globals.ts"
import { chosen } from "../settings/chosen.ts"
import { Misused } from "../terminal/failures.ts"
import { Listening } from "./Listening.ts"

/** How long to wait for a process that holds the folder and does not listen yet. */
const patience = Schedule.max([Schedule.spaced("100 millis"), Schedule.recurs(150)])

/** A client of the server that the flags name, of the one that holds the data folder, or else of one in this process. */
export const layer = Layer.unwrap(Effect.gen(function*() {
  const key = yield* Key
  const url = yield* Url
  const settings = yield* chosen
  if (Option.isSome(url)) {
    if (!/^[a-z]+:\/\//i.test(url.value) && !/^[\w.-]+:\d+$/.test(url.value)) {
      return yield* new Misused({ message: `${url.value} is not a URL.`, hint: "Like http://127.0.0.1:7420" })
    }
    return clientOf(url.value, key)
  }
  const ownKey = Option.isSome(key) ? Effect.succeed(key.value) : readKey(settings.home)
  const attach = Effect.gen(function*() {
    const holder = yield* Effect.flatMap(FolderLock.holder(settings.home), Effect.fromOption)
    if (holder.url === undefined) return yield* new FolderLock.FolderInUse({ home: settings.home, pid: holder.pid })
    return clientOf(holder.url, Option.some(yield* ownKey))
  })
  const own = Layer.unwrap(Effect.gen(function*() {
    const { url } = yield* Listening
    return clientOf(url, Option.some(yield* ownKey))
  })).pipe(Layer.provide(Listening.layerAllInOne({ settings, host: "127.0.0.1", port: 0, corsOrigins: [] })))
  const attached = Effect.retry(attach, { schedule: patience, while: (error) => error._tag === "FolderInUse" })
  return Layer.unwrap(attached).pipe(
    Layer.catchTag("NoSuchElementError", () => own),
    // Another process took the folder between the look and the start: then that one is the server.
    Layer.catchTag("FolderInUse", () => Layer.unwrap(attached))
  )
}))

const clientOf = (url: string, key: Option.Option<Redacted.Redacted>) =>
  Sheaf.layer({ url, ...(Option.isSome(key) && { key: key.value }) })
