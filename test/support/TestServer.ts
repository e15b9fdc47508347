import { BlobKey, BlobStore } from "@sheaf/adapters/blobs/BlobStore"
import * as FolderBlobs from "@sheaf/adapters/blobs/folder"
import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import { Health } from "@sheaf/adapters/health/Health"
import { ofPorts } from "@sheaf/adapters/health/ofPorts"
import { ApiKeysRepo } from "@sheaf/adapters/repos/access/ApiKeysRepo"
import { defaults, NotionEndpoint } from "@sheaf/adapters/notion/NotionEndpoint"
import { newId } from "@sheaf/adapters/repos/newId"
import * as Repos from "@sheaf/adapters/repos/Repos"
import { TenantsRepo } from "@sheaf/adapters/repos/access/TenantsRepo"
import * as Pgvector from "@sheaf/adapters/search/pgvector"
import * as KeyRing from "@sheaf/adapters/secrets/keyRing"
import * as InProcessSignals from "@sheaf/adapters/signals/inProcess"
import { ApiRpcs } from "@sheaf/domain/ApiRpcs"
import type { Scope } from "@sheaf/domain/edge/Caller"
import { ApiKeyId, type DatasetId, type TenantId } from "@sheaf/domain/ids"
import { newSecret } from "@sheaf/server/edge/secrets"
import { Server, type ServerOptions } from "@sheaf/server/Server"
import { Clock, Effect, Layer, Redacted, Stream } from "effect"
import { RpcClient, RpcSerialization } from "effect/rpc"
import * as Socket from "effect/socket/Socket"
import { some, space } from "../repos/world.ts"
import * as Database from "./database/Database.ts"
import * as NotionDouble from "./notion/NotionDouble.ts"
import { temporaryFolder } from "./temporaryFolder.ts"

const blobs = Layer.unwrap(Effect.map(temporaryFolder("blobs"), (root) => FolderBlobs.layer({ root }))).pipe(
  Layer.orDie
)

/** What secrets of tenants are sealed with. */
const secretKeys = KeyRing.layer([{ id: "test", key: Redacted.make(new Uint8Array(32).fill(7)) }])

/** A workspace of Notion that nobody looks into. */
const notion = Layer.effect(
  NotionEndpoint,
  Effect.map(NotionDouble.start(), ({ url }) => ({ ...defaults, url, callsPerSecond: 1_000 }))
)

/** Servers wait for real sockets, whatever clock the test uses. */
export const onRealTime = Layer.succeed(Clock.Clock, Clock.Clock.defaultValue())

/** Adapters of the embedded profile without a model, on a blob store: words can be searched, vectors cannot. */
export const adaptersOn = (store: Layer.Layer<BlobStore>) =>
  Layer.unwrap(Effect.map(ofPorts(), Health.layer)).pipe(
    Layer.provideMerge(Layer.mergeAll(
      Layer.mergeAll(Repos.layer, Pgvector.layer).pipe(
        Layer.provide(notion),
        Layer.provideMerge(Layer.mergeAll(InProcessSignals.layer, Database.pgliteLayer)),
        Layer.provide(secretKeys)
      ),
      store,
      Layer.mock(Embedder, { space, parallel: 1 })
    ))
  )

export const adapters = adaptersOn(blobs)

/** A server on a free port over an empty database and folder. */
export const layer = (options: Partial<ServerOptions> = {}, on = adapters) =>
  Server.layer({ version: "0.0.0-test", profile: "embedded", ...options }).pipe(
    Layer.provideMerge(on),
    Layer.orDie,
    Layer.provide(onRealTime)
  )

let serial = 0

/** A key of a tenant; its secret is what a client sends. */
export const makeKey = Effect.fnUntraced(function*(
  tenantId: TenantId,
  scopes: ReadonlyArray<Scope>,
  datasetIds: ReadonlyArray<DatasetId> | null = null
) {
  const keys = yield* ApiKeysRepo
  const { hash, prefix, secret } = newSecret()
  const id = yield* newId(ApiKeyId)
  yield* keys.insert(tenantId, { id, name: prefix, prefix, hash, scopes, datasetIds, expiresAt: null, createdBy: null })
  return { id, secret }
})

/** A tenant with a key of each scope. */
export const makeTenant = Effect.gen(function*() {
  const tenants = yield* TenantsRepo
  const { id: tenantId } = some(yield* tenants.insert(`tenant-${++serial}`))
  const operator = yield* makeKey(tenantId, ["operator"])
  const admin = yield* makeKey(tenantId, ["admin"])
  const write = yield* makeKey(tenantId, ["write"])
  const read = yield* makeKey(tenantId, ["read"])
  return { tenantId, keys: { operator, admin, write, read } as const }
})

/** RPC over one WebSocket; who calls is said by `as`. */
export const connect = Effect.gen(function*() {
  const { url } = yield* Server
  const socket = Socket.layerWebSocket(`${url.replace("http", "ws")}/rpc`).pipe(
    Layer.provide(Socket.layerWebSocketConstructorGlobal)
  )
  const protocol = RpcClient.layerProtocolSocket().pipe(
    Layer.provide(Layer.merge(socket, RpcSerialization.layerNdjson)),
    Layer.provide(onRealTime)
  )
  return yield* RpcClient.make(ApiRpcs).pipe(Effect.provide(yield* Layer.build(protocol)))
})

/** Headers of calls made with this key, on real time. */
export const as = ({ secret }: { readonly secret: string }) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  effect.pipe(
    RpcClient.withHeaders({ authorization: `Bearer ${secret}` }),
    Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())
  )

type Key = { readonly secret: string }

interface Reply {
  readonly status: number
  readonly headers: globalThis.Headers
  readonly text: string
  // The shape of an answer is what a test is about.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any
}

/** A plain request to the server. */
export const request = Effect.fnUntraced(function*(path: string, init: RequestInit & { readonly key?: Key } = {}) {
  const { url } = yield* Server
  const headers = new globalThis.Headers(init.headers)
  if (init.key !== undefined) headers.set("authorization", `Bearer ${init.key.secret}`)
  return yield* Effect.promise(async (): Promise<Reply> => {
    const response = await fetch(`${url}${path}`, { ...init, headers })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : undefined
    }
  })
})

/** One call by JSON-RPC. */
export const rpc = (key: Key | undefined, method: string, params?: unknown) =>
  request("/rpc/json", {
    method: "POST",
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    ...(key && { key })
  })

/** The result of a call that must succeed. */
export const ok = (key: Key, method: string, params?: unknown) =>
  Effect.flatMap(
    rpc(key, method, params),
    ({ json, status }) =>
      status === 200 ? Effect.succeed(json.result) : Effect.die(new Error(`${method}: ${JSON.stringify(json)}`))
  )

/** Status and tag of the error of a call that must fail. */
export const refusal = (key: Key | undefined, method: string, params?: unknown) =>
  Effect.map(rpc(key, method, params), ({ json, status }) => ({ status, tag: json.error?.data.tag }))

/** Everything that the blob store holds for a tenant. */
export const blobKeys = Effect.fnUntraced(function*(tenantId: TenantId) {
  const store = yield* BlobStore
  return Array.from(yield* Stream.runCollect(store.list(BlobKey.make(tenantId)))).sort()
})
