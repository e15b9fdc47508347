import { assert, it } from "@effect/vitest"
import { ApiKeysRepo } from "@sheaf/adapters/repos/access/ApiKeysRepo"
import { Data, Effect, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import * as TestServer from "../../../../test/support/TestServer.ts"
import { ensureFirstKey } from "./firstKey.ts"

class DiskFull extends Data.TaggedError("DiskFull")<{}> {}

it.layer(TestServer.layer(), { timeout: "60 seconds" })("ensureFirstKey", (it) => {
  it.effect("leaves no key behind that nobody was given", () =>
    Effect.gen(function*() {
      const keys = yield* ApiKeysRepo
      const error = yield* Effect.flip(ensureFirstKey(() => Effect.fail(new DiskFull())))
      assert.strictEqual(error._tag, "DiskFull")
      assert.isFalse(yield* keys.any)
    }))

  it.effect("makes one operator of the tenant `default`, however many try at once, and never again", () =>
    Effect.gen(function*() {
      const secrets: Array<string> = []
      const deliver = (secret: Redacted.Redacted) => Effect.sync(() => void secrets.push(Redacted.value(secret)))
      const made = yield* Effect.all(Array.from({ length: 4 }, () => ensureFirstKey(deliver)), {
        concurrency: "unbounded"
      })
      assert.lengthOf(made.filter(Boolean), 1)
      assert.lengthOf(secrets, 1)
      assert.match(secrets[0]!, /^shf_[A-Za-z0-9_-]{43}$/)
      assert.isFalse(yield* ensureFirstKey(deliver))
      const key = { secret: secrets[0]! }
      const info = yield* TestServer.ok(key, "AdminInfo")
      assert.deepStrictEqual([info.tenant.name, info.scopes], ["default", ["admin", "operator"]])
      const { key: first, tenant } = yield* TestServer.ok(key, "TenantsCreate", { name: "second" })
      assert.deepStrictEqual(first.key.scopes, ["admin"])
      assert.strictEqual((yield* TestServer.ok(first, "AdminInfo")).tenant.id, tenant.id)
      const sql = yield* SqlClient.SqlClient
      const stored = JSON.stringify(yield* sql`select to_jsonb(k)::text as row from api_keys k`)
      for (const { secret } of [key, first]) assert.notInclude(stored, secret)
    }))

  it.effect("a key gives no more than it holds", () =>
    Effect.gen(function*() {
      const { keys } = yield* TestServer.makeTenant
      const wish = (params: object) =>
        Effect.map(
          TestServer.rpc(keys.admin, "KeysCreate", { name: "k", scopes: ["read"], ...params }),
          ({ json, status }) => [status, json.error?.data.tag]
        )
      assert.deepStrictEqual(yield* wish({ scopes: ["operator"] }), [422, "BadRequest"])
      assert.deepStrictEqual(yield* wish({ scopes: ["read", "admin", "operator"] }), [422, "BadRequest"])
      assert.deepStrictEqual(yield* wish({ expiresAt: "2020-01-01T00:00:00.000Z" }), [422, "BadRequest"])
      assert.deepStrictEqual(yield* wish({ expiresAt: "never" }), [422, "BadRequest"])
      assert.deepStrictEqual(yield* wish({ scopes: ["write", "write"] }), [200, undefined])
      const listed = yield* TestServer.ok(keys.admin, "KeysList", { limit: 200 })
      assert.notInclude(JSON.stringify(listed), "secret")
    }))
})
