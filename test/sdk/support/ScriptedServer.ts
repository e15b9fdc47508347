import { NodeHttpServer } from "@effect/platform-node"
import { ApiRpcs } from "@sheaf/domain/ApiRpcs"
import { Caller, CurrentCaller } from "@sheaf/domain/edge/Caller"
import { type InternalError, Unauthorized, type Unavailable } from "@sheaf/domain/edge/errors"
import { Authentication, Edge, Idempotent } from "@sheaf/domain/edge/middleware"
import { ApiKeyId, TenantId } from "@sheaf/domain/ids"
import { Effect, Exit, Layer, Scope } from "effect"
import { HttpRouter } from "effect/http"
import { type Rpc, type RpcGroup, RpcSerialization, RpcServer } from "effect/rpc"
import { createServer } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { serverInfo } from "./samples.ts"

type Rpcs = RpcGroup.Rpcs<typeof ApiRpcs>
export type Handlers = RpcGroup.HandlersFrom<Rpcs>

/** A server that speaks the contract and answers as a test says; what the test does not script is a bug of the test. */
export interface Script {
  readonly handlers?: Partial<Handlers>
  /** Plain routes, `/uploads/...` and `/documents/...`. */
  readonly routes?: Layer.Layer<never, never, HttpRouter.HttpRouter>
  /** The key that it accepts; every key, when left out. */
  readonly key?: string
  /** Runs before an operation's handler. */
  readonly before?: (operation: string, payload: unknown) => Effect.Effect<void, Unavailable | InternalError>
  /** An operation that this server does not have. */
  readonly without?: Rpcs["_tag"]
}

const caller = new Caller({
  tenantId: TenantId.make("01900000-0000-7000-8000-000000000001"),
  keyId: ApiKeyId.make("01900000-0000-7000-8000-000000000002"),
  scopes: ["admin"],
  datasetIds: null
})

const unscripted = (operation: string) => () => Effect.die(`${operation} is not scripted`)

const handlersOf = (handlers: Partial<Handlers>) => {
  const all = Object.fromEntries([...ApiRpcs.requests.keys()].map((operation) => [operation, unscripted(operation)]))
  // Every operation of the group has a line: those that are not scripted die.
  const full = { ...all, AdminInfo: () => Effect.succeed(serverInfo), ...handlers } as unknown as Handlers
  // Handlers of a script need no services.
  return ApiRpcs.toLayer(ApiRpcs.of(full as never)) as unknown as Layer.Layer<Rpc.ToHandler<Rpcs>>
}

const middlewares = ({ before, key }: Script) =>
  Layer.mergeAll(
    Layer.succeed(
      Authentication,
      Authentication.of((effect, { headers }) =>
        key === undefined || headers["authorization"] === `Bearer ${key}`
          ? Effect.provideService(effect, CurrentCaller, caller)
          : Effect.fail(new Unauthorized({ reason: headers["authorization"] === undefined ? "missing" : "unknown" }))
      )
    ),
    Layer.succeed(Idempotent, Idempotent.of((effect) => effect)),
    Layer.succeed(
      Edge,
      Edge.of((effect, { payload, rpc }) => before ? Effect.andThen(before(rpc._tag, payload), effect) : effect)
    )
  )

const groupOf = ({ without }: Script): typeof ApiRpcs =>
  // Whoever asks for the rest finds what the type says.
  without === undefined ? ApiRpcs : ApiRpcs.omit(without) as unknown as typeof ApiRpcs

/** A server that was started: `kill` drops every connection at once, as a death of its process would. */
export interface Running {
  readonly url: string
  readonly port: number
  readonly kill: Effect.Effect<void>
}

/** Serves a script until the scope closes: on a free port, or again on one that a killed server had. */
export const serve = Effect.fnUntraced(
  function*(script: Script, port = 0): Effect.fn.Return<Running, never, Scope.Scope> {
    const scope = yield* Scope.fork(yield* Effect.scope)
    const server = createServer()
    const routes = Layer.mergeAll(
      RpcServer.layerHttp({ group: groupOf(script), path: "/rpc", disableFatalDefects: true }).pipe(
        Layer.provide(handlersOf(script.handlers ?? {})),
        Layer.provide(middlewares(script)),
        Layer.provide(RpcSerialization.layerNdjson)
      ),
      script.routes ?? Layer.empty
    )
    const http = NodeHttpServer.layer(() => server, { port, host: "127.0.0.1", gracefulShutdownTimeout: "10 millis" })
    yield* HttpRouter.serve(routes, { disableListenLog: true, disableLogger: true }).pipe(
      Layer.provideMerge(http),
      Layer.fresh,
      Layer.buildWithScope(scope),
      Effect.orDie
    )
    const sockets = new Set<Socket>()
    server.on("connection", (socket) => {
      sockets.add(socket)
      socket.once("close", () => sockets.delete(socket))
    })
    const bound = (server.address() as AddressInfo).port
    const kill = Effect.suspend(() => {
      for (const socket of sockets) socket.destroy()
      return Scope.close(scope, Exit.void)
    })
    return { url: `http://127.0.0.1:${bound}`, port: bound, kill }
  }
)
