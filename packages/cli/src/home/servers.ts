import { Config, Data, Effect, Option, Redacted, Schema } from "effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { writeOwnersFile } from "./ownersFile.ts"

// Servers that somebody has logged in to, by name, in `sheaf/servers.json` of the user's configuration folder.

/** A server and the key for it: the key is sent nowhere else. */
export interface KnownServer {
  readonly url: string
  readonly key: Redacted.Redacted
}

/** The file of servers cannot be read or written. */
export class ServersUnusable extends Data.TaggedError("ServersUnusable")<{
  readonly file: string
  readonly reason: string
}> {
  override get message() {
    return `The servers in ${this.file} cannot be used: ${this.reason}.`
  }
  get hint() {
    return "Correct the file, or delete it and log in again: `sheaf login NAME --url URL`."
  }
}

/** Nobody has logged in under this name. */
export class ServerUnknown extends Data.TaggedError("ServerUnknown")<{ readonly name: string }> {
  override get message() {
    return `Nobody has logged in to a server under the name ${this.name}.`
  }
  get hint() {
    return "`sheaf servers` lists those that are there; `sheaf login NAME --url URL` makes one."
  }
}

const Stored = Schema.fromJsonString(
  Schema.Struct({
    servers: Schema.Record(Schema.String, Schema.Struct({ url: Schema.String, key: Schema.String }))
  })
)

/** Below `XDG_CONFIG_HOME`, which is `~/.config` where it is not set. */
export const serversFile = Effect.map(
  Config.option(Config.NonEmptyString("XDG_CONFIG_HOME")),
  (folder) => Path.join(Option.getOrElse(folder, () => Path.join(Os.homedir(), ".config")), "sheaf", "servers.json")
)

/** All of them; none where there is no file. */
export const readServers = Effect.fnUntraced(function*(file: string) {
  if (!Fs.existsSync(file)) return new Map<string, KnownServer>()
  const unusable = (reason: string) => new ServersUnusable({ file, reason })
  const text = yield* Effect.try({
    try: () => Fs.readFileSync(file, "utf8"),
    catch: (error) => unusable(reasonOf(error))
  })
  // What is wrong is not quoted: it may be a key.
  const { servers } = yield* Effect.mapError(
    Schema.decodeEffect(Stored)(text),
    () => unusable("it is not JSON like {\"servers\": {\"NAME\": {\"url\": \"...\", \"key\": \"shf_...\"}}}")
  )
  return new Map(
    Object.entries(servers).map(([name, { key, url }]): [string, KnownServer] => [
      name,
      { url, key: Redacted.make(key, { label: "key" }) }
    ])
  )
})

/** Puts these in place of all that are there. */
export const writeServers = (file: string, servers: ReadonlyMap<string, KnownServer>) =>
  Effect.try({
    try: () => {
      Fs.mkdirSync(Path.dirname(file), { recursive: true, mode: 0o700 })
      const stored = Object.fromEntries(
        Array.from(servers, ([name, { key, url }]) => [name, { url, key: Redacted.value(key) }])
      )
      writeOwnersFile(file, `${JSON.stringify({ servers: stored }, null, 2)}\n`)
    },
    catch: (error) => new ServersUnusable({ file, reason: reasonOf(error) })
  })

export const findServer = Effect.fnUntraced(function*(name: string) {
  const server = (yield* readServers(yield* serversFile)).get(name)
  return server ?? (yield* new ServerUnknown({ name }))
})

const reasonOf = (error: unknown): string => error instanceof Error ? error.message : String(error)
