import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import * as fc from "fast-check"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { temporaryFolder } from "../../../../test/support/temporaryFolder.ts"
import { readServers, writeServers } from "./servers.ts"

const fileIn = (folder: string) => Path.join(folder, "sheaf", "servers.json")

describe("servers that somebody has logged in to", () => {
  it.effect("come back as they were kept, and nobody else can read them", () =>
    Effect.gen(function*() {
      const file = fileIn(yield* temporaryFolder("servers"))
      assert.strictEqual((yield* readServers(file)).size, 0)
      const some = fc.dictionary(fc.string({ minLength: 1 }), fc.record({ url: fc.webUrl(), key: fc.string() }))
      for (const servers of fc.sample(some, 4)) {
        const kept = Object.entries(servers).map(([name, { key, url }]) =>
          [name, { url, key: Redacted.make(key) }] as const
        )
        yield* writeServers(file, new Map(kept))
        const read = yield* readServers(file)
        const shown = Array.from(read, ([name, { key, url }]) => [name, { url, key: Redacted.value(key) }])
        assert.deepEqual(Object.fromEntries(shown), { ...servers })
        assert.strictEqual(Fs.statSync(file).mode & 0o777, 0o600)
      }
      assert.strictEqual(Fs.statSync(Path.dirname(file)).mode & 0o777, 0o700)
    }))

  it.effect("of a broken file are refused, and what stands there is not said", () =>
    Effect.gen(function*() {
      const file = fileIn(yield* temporaryFolder("servers"))
      Fs.mkdirSync(Path.dirname(file))
      for (const text of ["", "shf_secret", "{\"servers\":{\"work\":{\"url\":1,\"key\":\"shf_secret\"}}}"]) {
        Fs.writeFileSync(file, text)
        const refused = yield* Effect.flip(readServers(file))
        assert.strictEqual(refused._tag, "ServersUnusable")
        assert.notInclude(`${refused.message}${refused.hint}`, "shf_secret")
        assert.include(refused.message, file)
      }
    }))
})
