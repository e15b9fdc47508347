import { ApiRpcs } from "@sheaf/domain/ApiRpcs"
import { Effect, Predicate, Queue, Schema, type Scope } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import { RpcMessage, RpcSerialization, RpcServer } from "effect/rpc"
import * as Socket from "effect/socket/Socket"
import { type Calls, makeCalls } from "./Calls.ts"
import { makeOutbox, type Outbox } from "./Outbox.ts"
import { type Services, unaryOf } from "./unary.ts"

/** So many messages are looked at before others get their turn. */
const atOnce = 64

interface Client {
  readonly calls: Calls
  readonly outbox: Outbox
}

/**
 * RPC over WebSockets, a line of JSON a message. Plain calls are answered here (`Calls.ts`), for about half of what the general server
 * takes; streams, and whatever is to be told that something is wrong with it, go to the server that runs this protocol.
 */
export const makeProtocol: Effect.Effect<
  {
    readonly protocol: RpcServer.Protocol["Service"]
    /** Turns the request that is being handled into a connection, and serves it until it ends. */
    readonly connection: Effect.Effect<
      HttpServerResponse.HttpServerResponse,
      never,
      Scope.Scope | HttpServerRequest.HttpServerRequest
    >
  },
  never,
  Services | Scope.Scope | RpcSerialization.RpcSerialization
> = Effect.gen(function*() {
  const serialization = yield* RpcSerialization.RpcSerialization
  const find = unaryOf(ApiRpcs, yield* Effect.context<Services>())
  const disconnects = yield* Queue.unbounded<number>()
  const clients = new Map<number, Client>()
  let ids = 0
  let write: (clientId: number, message: RpcMessage.FromClientEncoded) => Effect.Effect<void> = () => Effect.void

  yield* Effect.addFinalizer(() =>
    Effect.forEach(clients.values(), ({ calls }) => calls.stop, { concurrency: "unbounded", discard: true })
  )

  const protocol = yield* RpcServer.Protocol.make((given) => {
    write = given
    return Effect.succeed({
      disconnects,
      send: (clientId, response) => clients.get(clientId)?.outbox.send(`${JSON.stringify(response)}\n`) ?? Effect.void,
      end: () => Effect.void,
      clientIds: Effect.sync(() => new Set(clients.keys())),
      initialMessage: Effect.succeedNone,
      supportsAck: true,
      supportsTransferables: false,
      supportsSpanPropagation: true,
      supportsNotifications: true,
      codecFor: serialization.codecFor
    })
  })

  const serve = Effect.fnUntraced(
    function*(socket: Socket.Socket, headers: HttpServerRequest.HttpServerRequest["headers"]) {
      const id = ids++
      const writer = yield* socket.writer
      const outbox = makeOutbox(writer)
      const calls = makeCalls({ clientId: id, find, headers, outbox, context: yield* Effect.context<never>() })
      yield* Effect.acquireRelease(
        Effect.sync(() => clients.set(id, { calls, outbox })),
        () =>
          Effect.suspend(() => {
            calls.abandon()
            clients.delete(id)
            return Queue.offer(disconnects, id)
          })
      )
      const opened = Object.entries(headers)
      const parser = serialization.makeUnsafe()

      const general = (message: RpcMessage.FromClientEncoded) =>
        write(id, message._tag === "Request" ? { ...message, headers: opened.concat(message.headers) } : message)

      const receive = (frame: Uint8Array | string): Effect.Effect<void, Socket.SocketError> =>
        Effect.suspend(() => {
          const messages = read(parser, frame)
          if (typeof messages === "string" || Socket.isCloseEvent(messages)) return writer.write(messages)
          let at = 0
          return Effect.whileLoop({
            while: () => at < messages.length,
            body: () => {
              const end = at + atOnce
              while (at < messages.length) {
                if (at === end) return Effect.yieldNow
                const message = messages[at++]!
                if (!calls.take(message)) return general(message)
              }
              return Effect.void
            },
            step: () => {}
          })
        })

      yield* Effect.flatMap(
        socket.reader,
        ({ pull }) =>
          Effect.forever(Effect.flatMap(pull, (frames) => Effect.forEach(frames, receive, { discard: true })))
      ).pipe(
        Effect.catchReason("SocketError", "SocketCloseError", () => Effect.void),
        Effect.orDie
      )
    }
  )

  const connection = Effect.gen(function*() {
    const request = yield* HttpServerRequest.HttpServerRequest
    yield* serve(yield* Effect.orDie(request.upgrade), request.headers)
    return HttpServerResponse.empty()
  })
  return { connection, protocol }
})

type Parser = ReturnType<RpcSerialization.RpcSerialization["Service"]["makeUnsafe"]>

const encodeDefect = Schema.encodeSync(RpcSerialization.json.codecFor(Schema.Defect()))

/** The messages of a frame, or what is said to whoever sent something else. */
const read = (
  parser: Parser,
  frame: Uint8Array | string
): ReadonlyArray<RpcMessage.FromClientEncoded> | string | Socket.CloseEvent => {
  try {
    // What is in them is looked at by whoever takes them.
    return parser.decode(frame) as ReadonlyArray<RpcMessage.FromClientEncoded>
  } catch (cause) {
    return Predicate.isTagged(cause, "MaxBufferSizeExceeded")
      ? new Socket.CloseEvent(1009, String(cause))
      : `${JSON.stringify(RpcMessage.ResponseDefectEncoded(encodeDefect(cause)))}\n`
  }
}
