import { ApiRpcs } from "@sheaf/domain/ApiRpcs"
import { BadRequest } from "@sheaf/domain/edge/errors"
import { ByteSize, Effect, Layer } from "effect"
import { HttpIncomingMessage, HttpRouter, HttpServerResponse } from "effect/http"
import { RpcSerialization, RpcServer } from "effect/rpc"
import { describe, plainHeaders } from "./answers.ts"
import type { Origins } from "./origins.ts"
import { makeProtocol } from "./wire/protocol.ts"

/** One message of a client: a text of 1 MiB, however it is escaped, fits with room to spare. */
export const maxMessageBytes = 8 * 1024 * 1024

const serialization = RpcSerialization.layerNdjsonWith({ maxBufferSize: maxMessageBytes })

const options = { disableFatalDefects: true } as const

/** RPC over one WebSocket: for the SDK. Pages of origins that are not on the list may not open one. */
const webSocket = (origins: Origins) =>
  RpcServer.layer(ApiRpcs, options).pipe(
    Layer.provide(Layer.effect(
      RpcServer.Protocol,
      Effect.gen(function*() {
        const { connection, protocol } = yield* makeProtocol
        const router = yield* HttpRouter.HttpRouter
        yield* router.add("GET", "/rpc", (request) => {
          const { origin, upgrade } = request.headers
          if (origin !== undefined && !origins.allows(origin)) {
            return refused(403, `pages of ${origin} may not open a connection: add it to the allowed origins`)
          }
          return upgrade?.toLowerCase() === "websocket"
            ? connection
            : refused(426, "this address speaks WebSocket; send single calls to /rpc/json or /rpc/http")
        })
        return protocol
      })
    )),
    Layer.provide(serialization)
  )

const refused = (status: number, reason: string) =>
  Effect.succeed(HttpServerResponse.jsonUnsafe({ error: describe(new BadRequest({ reason })) }, {
    status,
    headers: { ...plainHeaders, ...(status === 426 && { upgrade: "websocket" }) }
  }))

/** RPC over single requests, one line of JSON per message; streams are sent as they come. */
const ndjson = RpcServer.layerHttp({ group: ApiRpcs, path: "/rpc/http", protocol: "http", ...options }).pipe(
  Layer.provide(serialization)
)

/** Refuses bodies of plain requests that are too large to be one message. Uploads stream, and count for themselves. */
export const bodyLimit = Layer.succeed(HttpIncomingMessage.MaxBodySize, ByteSize.bytes(maxMessageBytes))

export const layer = (origins: Origins) => Layer.mergeAll(webSocket(origins), ndjson)
