import { Effect, Redacted } from "effect"
import { Argument, Command } from "effect/cli"
import { readServers, serversFile, ServerUnknown, writeServers } from "../../home/servers.ts"
import { Output } from "../../terminal/Output.ts"
import { table } from "../../terminal/table.ts"
import { local } from "../handled.ts"

/** As much of a key as `sheaf keys list` shows. */
const shownChars = 12

export const servers = Command.make(
  "servers",
  {},
  local(Effect.fnUntraced(function*() {
    const output = yield* Output
    const all = yield* readServers(yield* serversFile)
    const items = Array.from(all, ([name, { key, url }]) => ({
      name,
      url,
      key: `${Redacted.value(key).slice(0, shownChars)}…`
    }))
    yield* output.value({ items })
    if (items.length === 0) return yield* output.note("There are none: `sheaf login NAME --url URL` makes one.")
    yield* output.text(table(["NAME", "URL", "KEY"], items.map(({ key, name, url }) => [name, url, key])))
  }))
).pipe(
  Command.withDescription("List the servers that you have logged in to"),
  Command.withExamples([{ command: "sheaf servers" }])
)

export const logout = Command.make(
  "logout",
  { name: Argument.String("name").pipe(Argument.withDescription("Name of the server, from `sheaf servers`")) },
  local(Effect.fnUntraced(function*({ name }) {
    const output = yield* Output
    const file = yield* serversFile
    const all = yield* readServers(file)
    if (!all.delete(name)) return yield* new ServerUnknown({ name })
    yield* writeServers(file, all)
    yield* output.result({ name }, () => name)
    yield* output.note("Forgotten here. The key still works: `sheaf keys revoke` makes it useless.")
  }))
).pipe(
  Command.withDescription("Forget a server and its key"),
  Command.withExamples([{ command: "sheaf logout work" }])
)
