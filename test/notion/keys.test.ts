import { assert, it } from "@effect/vitest"
import * as Adapters from "@sheaf/adapters/Adapters"
import { ConnectionsRepo } from "@sheaf/adapters/repos/connections/ConnectionsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { read } from "@sheaf/adapters/settings"
import { ConnectionId } from "@sheaf/domain/ids"
import { Clock, ConfigProvider, Effect, Option, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { makeTenant } from "../repos/world.ts"
import * as GpuServer from "../support/gpu/GpuServer.ts"
import { temporaryFolder } from "../support/temporaryFolder.ts"

const keyNamed = (id: string, byte: number) => `${id}:${Buffer.alloc(32, byte).toString("base64")}`

const token = Redacted.make("ntn_of_a_workspace")

it.effect(
  "a token is sealed with the key that is configured, and goes over to the one after it",
  () =>
    Effect.gen(function*() {
      const { url } = yield* GpuServer.start()
      const home = yield* temporaryFolder("keys")
      /** What a process with these keys does before it ends. */
      const having = Effect.fnUntraced(function*<A, E, R>(keys: string, effect: Effect.Effect<A, E, R>) {
        const env = { SHEAF_HOME: home, SHEAF_EMBEDDER_URL: String(url), SHEAF_SECRET_KEYS: keys }
        const provider = ConfigProvider.fromEnv({ env })
        const { settings } = yield* Effect.provideService(read(), ConfigProvider.ConfigProvider, provider)
        return yield* Effect.provide(effect, Adapters.layer(settings, "api"), { local: true })
      })
      const connectionId = yield* newId(ConnectionId)
      const rows = Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql<{ readonly sealed: string; readonly keyId: string }>`select sealed, key_id from connections`
      )

      const tenantId = yield* having(
        keyNamed("old", 1),
        Effect.gen(function*() {
          const { caller, tenantId } = yield* makeTenant
          const repo = yield* ConnectionsRepo
          const workspace = { id: "w", name: "W", bot: { id: "b", name: "B" } }
          yield* repo.insert(caller, { id: connectionId, name: "ours", workspace, token })
          const [row] = yield* rows
          assert.strictEqual(row?.keyId, "old")
          assert.notInclude(row?.sealed, Redacted.value(token))
          assert.notInclude(Buffer.from(row?.sealed ?? "", "base64").toString("latin1"), Redacted.value(token))
          return tenantId
        })
      )
      yield* having(
        [keyNamed("next", 2), keyNamed("old", 1)].join(","),
        Effect.gen(function*() {
          const repo = yield* ConnectionsRepo
          assert.strictEqual(yield* repo.sealAgain, 1)
          assert.deepStrictEqual((yield* rows).map(({ keyId }) => keyId), ["next"])
        })
      )
      yield* having(
        keyNamed("next", 2),
        Effect.gen(function*() {
          const repo = yield* ConnectionsRepo
          const opened = Option.getOrThrow(yield* repo.open(tenantId, connectionId))
          assert.deepStrictEqual(Option.map(opened.token, Redacted.value), Option.some(Redacted.value(token)))
        })
      )
    }).pipe(Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())),
  60_000
)
