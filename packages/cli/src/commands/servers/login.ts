import { Effect, Option, Redacted } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { readServers, serversFile, writeServers } from "../../home/servers.ts"
import * as Session from "../../session/Session.ts"
import { checkUrl, givenKey } from "../../session/Target.ts"
import { shown } from "../../settings/chosen.ts"
import { commandName, Url } from "../../settings/globals.ts"
import { readSecret } from "../../terminal/readSecret.ts"
import { Misused } from "../../terminal/failures.ts"
import { Output } from "../../terminal/Output.ts"
import { local } from "../handled.ts"
import { printWho } from "./whoami.ts"

const keyFile = Flag.String("key-file").pipe(
  Flag.withDescription(
    "File with the key. Default: --key, SHEAF_KEY; else it is asked for, or read from standard input"
  ),
  Flag.optional
)

/** Short enough to type, and nothing that a shell takes for something else. */
const isName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/

const readKey = Effect.fnUntraced(function*(file: Option.Option<string>) {
  const given = Option.isSome(file) ? Option.none() : yield* givenKey
  if (Option.isSome(given)) return given.value
  const key = yield* readSecret(file, {
    what: "key",
    prompt: "API key of that server",
    pattern: /^shf_[!-~]{1,200}$/,
    hint: "It begins with shf_; an administrator makes one with `sheaf keys create`."
  })
  return Redacted.make(key, { label: "key" })
})

export const login = Command.make(
  "login",
  {
    name: Argument.String("name").pipe(Argument.withDescription("What to call the server from now on, like work")),
    keyFile
  },
  local(Effect.fnUntraced(function*({ keyFile, name }) {
    const output = yield* Output
    const program = yield* commandName
    const named = yield* Url
    if (!isName.test(name)) {
      return yield* new Misused({
        message: `${name} is no name for a server.`,
        hint: "Up to 40 letters, digits, dots, hyphens and underscores; a letter or digit first."
      })
    }
    if (Option.isNone(named)) {
      return yield* new Misused({
        message: "It is not said which server to log in to.",
        hint: `Pass it: \`${program} login ${name} --url https://sheaf.example.com\`.`
      })
    }
    const url = yield* checkUrl(named.value)
    const key = yield* readKey(keyFile)
    // Nothing is kept that does not work.
    yield* printWho.pipe(
      Effect.provide(Session.clientOf({ url, key: Option.some(key), by: `the name ${name}` }))
    )
    const file = yield* serversFile
    yield* writeServers(file, new Map([...yield* readServers(file), [name, { url, key }]]))
    yield* output.note(
      `Kept in ${shown(file)}. Use it with --server ${name}, or for all commands: export SHEAF_SERVER=${name}`
    )
  }))
).pipe(
  Command.withDescription(
    "Try a server and a key, and keep them under a name for `--server NAME` and SHEAF_SERVER, in a file that only you can read"
  ),
  Command.withShortDescription("Keep a server and its key under a name"),
  Command.withExamples([
    { command: "sheaf login work --url https://sheaf.example.com" },
    { command: "sheaf login ci --url https://sheaf.example.com --key-file key.txt" }
  ])
)
