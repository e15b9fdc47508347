import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Option, Redacted } from "effect"
import { temporaryFolder } from "../../../../test/support/temporaryFolder.ts"
import { serversFile, writeServers } from "../home/servers.ts"
import { Home, Key, Server, Url } from "../settings/globals.ts"
import { named } from "./Target.ts"

interface Given {
  readonly url?: string
  readonly key?: string
  readonly server?: string
  readonly home?: string
}

/** What a command talks to with these flags and variables, where somebody has logged in to `work` and `play`. */
const target = Effect.fnUntraced(function*(flags: Given, variables: Record<string, string> = {}) {
  const folder = yield* temporaryFolder("target")
  const key = flags.key === undefined ? Option.none() : Option.some(Redacted.make(flags.key))
  return yield* Effect.gen(function*() {
    yield* writeServers(
      yield* serversFile,
      new Map(["work", "play"].map((name) => [name, { url: `https://${name}`, key: Redacted.make(`shf_${name}`) }]))
    )
    const found = yield* named
    return Option.getOrNull(
      Option.map(found, ({ by, key, url }) => [url, Option.getOrNull(Option.map(key, Redacted.value)), by])
    )
  }).pipe(
    Effect.provideService(Url, Option.fromUndefinedOr(flags.url)),
    Effect.provideService(Key, key),
    Effect.provideService(Server, Option.fromUndefinedOr(flags.server)),
    Effect.provideService(Home, Option.fromUndefinedOr(flags.home)),
    Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown({ XDG_CONFIG_HOME: folder, ...variables })))
  )
})

const everything = { SHEAF_SERVER: "play", SHEAF_URL: "http://environment", SHEAF_KEY: "shf_environment" }

describe("a command talks to", () => {
  it.effect("what its flags name, whatever the environment says", () =>
    Effect.gen(function*() {
      assert.deepEqual(yield* target({ url: "http://flag", key: "shf_flag" }, everything), [
        "http://flag",
        "shf_flag",
        "--url"
      ])
      assert.deepEqual(yield* target({ server: "work" }, everything), ["https://work", "shf_work", "the name work"])
      assert.isNull(yield* target({ home: "./elsewhere" }, everything))
    }))

  it.effect("what the environment names, a name before a URL", () =>
    Effect.gen(function*() {
      assert.deepEqual(yield* target({}, everything), ["https://play", "shf_play", "the name play"])
      const { SHEAF_SERVER: _, ...without } = everything
      assert.deepEqual(yield* target({}, without), ["http://environment", "shf_environment", "SHEAF_URL"])
      assert.isNull(yield* target({}, {}))
    }))

  it.effect("one server: a key that was kept goes nowhere else", () =>
    Effect.gen(function*() {
      assert.deepEqual(yield* target({ url: "http://flag" }, { SHEAF_SERVER: "work" }), ["http://flag", null, "--url"])
      assert.strictEqual((yield* Effect.flip(target({ url: "http://flag", server: "work" })))._tag, "Misused")
      assert.deepEqual(yield* target({ server: "work", key: "shf_flag" }), [
        "https://work",
        "shf_flag",
        "the name work"
      ])
    }))

  it.effect("nothing that is not there", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(target({ server: "home" })))._tag, "ServerUnknown")
      assert.strictEqual((yield* Effect.flip(target({ url: "nonsense" })))._tag, "Misused")
    }))
})
