import { Config, Context, Effect, Option, type Redacted } from "effect"
import { findServer } from "../home/servers.ts"
import { Home, Key, Server, Url } from "../settings/globals.ts"
import { Misused } from "../terminal/failures.ts"

/** A server that was named, with the key for it, and by what it was named. */
export interface Named {
  readonly url: string
  readonly key: Option.Option<Redacted.Redacted>
  readonly by: string
}

const isUrl = (text: string) => /^[a-z]+:\/\//i.test(text) || /^[\w.-]+:\d+$/.test(text)

/** The URL, if it is one. */
export const checkUrl = (url: string): Effect.Effect<string, Misused> =>
  isUrl(url)
    ? Effect.succeed(url)
    : Effect.fail(new Misused({ message: `${url} is not a URL.`, hint: "Like http://127.0.0.1:7420" }))

/** The key of the command line, or else that of the environment. */
export const givenKey = Effect.gen(function*() {
  const flag = yield* Key
  return Option.isSome(flag) ? flag : yield* Config.option(Config.Redacted("SHEAF_KEY"))
})

const either = new Misused({
  message: "Both --url and --server say which server it is.",
  hint: "Pass one of them: a key that was kept is for its own server alone."
})

const ofName = Effect.fnUntraced(function*(name: string) {
  const { key, url } = yield* findServer(name)
  return { url, key: Option.orElseSome(yield* Key, () => key), by: `the name ${name}` } satisfies Named
})

/**
 * The server that a command was told to talk to; `None`: that of the data folder. Flags are stronger than the environment, and in the
 * environment a name is stronger than a URL. A key that was kept under a name goes to the server of that name alone.
 */
export const named = Effect.gen(function*() {
  const [url, server] = [yield* Url, yield* Server]
  if (Option.isSome(url)) {
    if (Option.isSome(server)) return yield* either
    return Option.some<Named>({ url: yield* checkUrl(url.value), key: yield* givenKey, by: "--url" })
  }
  if (Option.isSome(server)) return Option.some<Named>(yield* ofName(server.value))
  if (Option.isSome(yield* Home)) return Option.none<Named>()
  const fromEnvironment = yield* Config.option(Config.NonEmptyString("SHEAF_SERVER"))
  if (Option.isSome(fromEnvironment)) return Option.some<Named>(yield* ofName(fromEnvironment.value))
  const variable = yield* Config.option(Config.NonEmptyString("SHEAF_URL"))
  if (Option.isNone(variable)) return Option.none<Named>()
  return Option.some<Named>({ url: yield* checkUrl(variable.value), key: yield* givenKey, by: "SHEAF_URL" })
})

/** The server that a command talks to. */
export class Target extends Context.Service<Target, {
  readonly url: string
  /** What it was named by, in words. */
  readonly by: string
}>()("@sheaf/cli/session/Target") {}
