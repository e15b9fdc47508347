import { assert, it } from "@effect/vitest"
import { ConnectionAccess } from "@sheaf/adapters/lifecycle/ConnectionAccess"
import { defaults, NotionEndpoint } from "@sheaf/adapters/notion/NotionEndpoint"
import { Pace } from "@sheaf/adapters/notion/Pace"
import { ConnectionsRepo } from "@sheaf/adapters/repos/connections/ConnectionsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { transact } from "@sheaf/adapters/repos/rows"
import * as KeyRing from "@sheaf/adapters/secrets/keyRing"
import { Secrets } from "@sheaf/adapters/secrets/Secrets"
import { ConnectionId } from "@sheaf/domain/ids"
import { Connections } from "@sheaf/server/connections/Connections"
import { once } from "@sheaf/server/edge/Idempotent"
import { Context, Effect, Layer, Option, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { engines, makeTenant } from "../repos/world.ts"
import * as NotionDouble from "../support/notion/NotionDouble.ts"

class Double extends Context.Service<Double, Effect.Success<ReturnType<typeof NotionDouble.start>>>()(
  "sheaf/test/notion/connections.test/Double"
) {}

const keyNamed = (id: string, byte: number): KeyRing.SecretKey => ({
  id,
  key: Redacted.make(new Uint8Array(32).fill(byte))
})
const [old, next] = [keyNamed("old", 2), keyNamed("next", 3)]

const endpoint = Layer.effect(
  NotionEndpoint,
  Effect.map(Double, ({ url }) => ({ ...defaults, url, callsPerSecond: 1_000, firstDelay: "5 millis" }))
)
const around = Layer.merge(KeyRing.layer([old]), endpoint).pipe(
  Layer.provideMerge(Layer.effect(Double, NotionDouble.start()))
)

const token = "ntn_double"

/** As the edge has it, without remembering answers. */
const called = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => Effect.provideService(effect, once, (change) => transact(sql)(change)))

for (const { layer, name } of engines) {
  it.layer(Connections.layer.pipe(Layer.provideMerge(layer), Layer.provideMerge(around)), { timeout: "90 seconds" })(
    `connections on ${name}`,
    (it) => {
      it.effect("are made of tokens that Notion accepts, once for each integration, and never show them", () =>
        Effect.gen(function*() {
          const { caller } = yield* makeTenant
          const connections = yield* Connections
          const sql = yield* SqlClient.SqlClient
          const refused = yield* Effect.flip(called(connections.create(caller, { token: "ntn_wrong" })))
          assert.strictEqual(refused._tag, "ConnectionRefused")
          const made = yield* called(connections.create(caller, { token }))
          assert.deepInclude({ ...made }, { name: "Pumps and valves", state: "connected", reason: null })
          const again = yield* Effect.flip(called(connections.create(caller, { token })))
          assert.deepInclude(again, { _tag: "ConnectionExists", connectionId: made.id })
          const rows = yield* sql`select * from connections where tenant_id = ${caller.tenantId}`
          assert.lengthOf(rows, 1)
          for (const shown of [made, rows, refused, again]) assert.notInclude(JSON.stringify(shown), "ntn_")
          assert.deepStrictEqual((yield* connections.list(caller, {})).items, [made])
        }))

      it.effect("are revoked by the first call that Notion refuses, and connected again by another token", () =>
        Effect.gen(function*() {
          const { caller } = yield* makeTenant
          const { faults, workspace } = yield* Double
          const access = yield* ConnectionAccess
          const connections = yield* Connections
          const { id: connectionId } = yield* called(connections.create(caller, { token, name: "ours" }))
          const reader = yield* access.open(caller.tenantId, connectionId)
          workspace.tokens.delete(token)
          assert.strictEqual((yield* Effect.flip(reader.list())).message.includes("API token is invalid."), true)
          const revoked = yield* connections.get(caller, { connectionId })
          assert.strictEqual(revoked.state, "revoked")
          assert.include(revoked.reason, "API token is invalid.")
          const unusable = yield* Effect.flip(connections.items(caller, { connectionId }))
          assert.strictEqual(unusable._tag, "ConnectionUnusable")
          workspace.tokens.add("ntn_next")
          const change = { connectionId, token: "ntn_next" }
          assert.strictEqual((yield* called(connections.update(caller, change))).state, "connected")
          // What the old token met says nothing about the new one.
          yield* Effect.flip(reader.list())
          assert.strictEqual((yield* connections.get(caller, { connectionId })).state, "connected")
          faults.add({
            kind: "answer",
            status: 401,
            body: { object: "error", status: 401, code: "unauthorized", message: "no" }
          })
          assert.strictEqual((yield* called(connections.check(caller, { connectionId }))).state, "revoked")
          faults.clear()
          assert.strictEqual((yield* called(connections.check(caller, { connectionId }))).state, "connected")
          workspace.tokens.add(token)
        }))

      it.effect("are switched off and on, and taken back for good", () =>
        Effect.gen(function*() {
          const { caller } = yield* makeTenant
          const { workspace } = yield* Double
          const connections = yield* Connections
          const sql = yield* SqlClient.SqlClient
          const { id: connectionId } = yield* called(connections.create(caller, { token }))
          const one = { connectionId }
          assert.strictEqual((yield* connections.disable(caller, one)).state, "disabled")
          assert.deepInclude(yield* Effect.flip(connections.items(caller, one)), { state: "disabled" })
          assert.strictEqual((yield* connections.enable(caller, one)).state, "connected")
          assert.strictEqual((yield* connections.revoke(caller, one)).state, "revoked")
          assert.strictEqual((yield* Effect.flip(connections.enable(caller, one)))._tag, "ConnectionUnusable")
          assert.strictEqual((yield* Effect.flip(called(connections.check(caller, one))))._tag, "ConnectionUnusable")
          const rows = yield* sql`select sealed, key_id from connections where tenant_id = ${caller.tenantId}`
          assert.deepStrictEqual(rows, [{ sealed: null, keyId: null }])
          const other = yield* makeTenant
          const foreign = yield* Effect.flip(connections.revoke(other.caller, one))
          assert.strictEqual(foreign._tag, "ConnectionNotFound")
          const { id, name } = workspace
          Object.assign(workspace, { id: "another workspace", name: "Theirs" })
          const mismatch = yield* Effect.flip(called(connections.update(caller, { ...one, token })))
          assert.deepInclude(mismatch, { _tag: "ConnectionMismatch", workspace: "Theirs" })
          Object.assign(workspace, { id, name })
        }))

      it.effect("list what the integration sees, to the end and in order of their edits", () =>
        Effect.gen(function*() {
          const { caller } = yield* makeTenant
          const { workspace } = yield* Double
          const connections = yield* Connections
          const { id: connectionId } = yield* called(connections.create(caller, { token }))
          assert.deepStrictEqual(yield* connections.items(caller, { connectionId }), { items: [] })
          const made = Array.from({ length: 230 }, (_, i) => workspace.addPage({ title: `page ${i}` }).id)
          const seen: Array<string> = []
          for (let cursor: Effect.Success<ReturnType<typeof connections.items>>["next"];;) {
            const wish = { connectionId, ...(cursor !== undefined && { cursor }) }
            const page = yield* connections.items(caller, wish)
            seen.push(...page.items.map(({ id }) => id))
            if (page.next === undefined) break
            cursor = page.next
          }
          assert.deepStrictEqual(seen.toSorted(), made.toSorted())
          workspace.pages.clear()
        }))

      it.effect("have one budget of calls, whatever number of processes use them", () =>
        Effect.gen(function*() {
          const connectionId = yield* newId(ConnectionId)
          const process = Effect.provide(Pace, Layer.fresh(Pace.layer({ callsPerSecond: 3 })))
          const [first, second] = [yield* process, yield* process]
          for (let call = 0; call < 9; call++) yield* first.turn(connectionId, 0)
          assert.strictEqual((yield* Effect.flip(first.turn(connectionId, 0))).retryAfterMs, 3_000)
          assert.strictEqual((yield* Effect.flip(second.turn(connectionId, 0)))._tag, "NotionRateLimited")
          yield* second.turn(yield* newId(ConnectionId), 0)
        }))

      it.effect("go over to a new key", () =>
        Effect.gen(function*() {
          const { caller } = yield* makeTenant
          const connections = yield* Connections
          const { id } = yield* called(connections.create(caller, { token }))
          const repo = Effect.provide(ConnectionsRepo, Layer.fresh(ConnectionsRepo.layer))
          const having = (...keys: readonly [KeyRing.SecretKey, ...ReadonlyArray<KeyRing.SecretKey>]) =>
            Effect.provideService(repo, Secrets, KeyRing.make(keys))
          assert.isAtLeast(yield* (yield* having(next, old)).sealAgain, 1)
          const opened = Option.getOrThrow(yield* (yield* having(next)).open(caller.tenantId, ConnectionId.make(id)))
          assert.strictEqual(Option.getOrUndefined(Option.map(opened.token, Redacted.value)), token)
          const lost = yield* Effect.flip((yield* having(old)).open(caller.tenantId, ConnectionId.make(id)))
          assert.include(lost.message, "next")
        }))
    }
  )
}
