import type { ApiError } from "@sheaf/domain/errors"
import { Effect, Exit, type Scope } from "effect"
import type { RpcMessage } from "effect/rpc"
import type { Raised } from "../errors/api.ts"
import { Unreachable, type VersionSkew } from "../errors/client.ts"
import { callersSpan } from "./callersSpan.ts"
import { codecOf } from "./codecs.ts"
import { complaint } from "./complaint.ts"
import type { Endpoint } from "./Endpoint.ts"
import { openSocket } from "./openSocket.ts"

export type WireError = Raised<ApiError> | Unreachable | VersionSkew

/** An open connection, over which any number of operations run at the same time. */
export interface Wire {
  /**
   * Runs one operation; interrupting it cancels the work on the server. Items of a stream go to `onItem` as soon as they are
   * there, and are acknowledged at once: a reader that is slow must not slow down the connection, so it has to keep or merge
   * what it has no time for.
   */
  readonly run: (
    operation: string,
    encodedPayload: unknown,
    onItem?: (item: unknown) => void
  ) => Effect.Effect<unknown, WireError>
}

interface Pending {
  readonly operation: string
  readonly onItem: ((item: unknown) => void) | undefined
  readonly resume: (result: Effect.Effect<unknown, WireError>) => void
}

/** Silence for so long after a question means that nobody is there any more. */
const heartbeatMs = 10_000

/** Characters that may wait for others; the server takes messages of some MiB. */
const maxGathered = 65_536

/** Opens a connection, which lives as long as the scope. `onLost` is called once, if it ends before. */
export const openWire = Effect.fnUntraced(
  function*(endpoint: Endpoint, onLost: (reason: string) => void): Effect.fn.Return<Wire, Unreachable, Scope.Scope> {
    const socket = yield* openSocket(endpoint)
    const pending = new Map<string, Pending>()
    let requests = 0
    let lost: Unreachable | undefined
    let silent = false
    let unfinished = ""

    // What is sent in one turn of the event loop goes as one message: each costs more than the call that it carries.
    let outgoing = ""
    const flush = () => {
      if (lost === undefined && outgoing !== "") socket.send(outgoing)
      outgoing = ""
    }
    const send = (message: RpcMessage.FromClientEncoded) => {
      if (lost !== undefined) return
      if (outgoing === "") queueMicrotask(flush)
      outgoing += `${JSON.stringify(message)}\n`
      if (outgoing.length > maxGathered) flush()
    }
    const lose = (reason: string) => {
      if (lost !== undefined) return
      lost = new Unreachable({ url: endpoint.url, reason })
      const failed = Effect.fail(lost)
      const calls = [...pending.values()]
      pending.clear()
      // First, so that whoever is told of the loss and tries again does not meet this connection.
      onLost(reason)
      for (const call of calls) call.resume(failed)
    }
    const settle = (id: string, result: Effect.Effect<unknown, WireError>) => {
      const call = pending.get(id)
      pending.delete(id)
      call?.resume(result)
    }

    const receive = (message: RpcMessage.FromServerEncoded) => {
      switch (message._tag) {
        case "Exit": {
          const id = String(message.requestId)
          const call = pending.get(id)
          if (call !== undefined) settle(id, resultOf(call.operation, message.exit, endpoint))
          return
        }
        case "Chunk": {
          const call = pending.get(String(message.requestId))
          if (call === undefined) return
          const items = Effect.runSyncExit(codecOf(call.operation).decodeItems(message.values))
          if (Exit.isFailure(items)) {
            send({ _tag: "Interrupt", requestId: message.requestId })
            return settle(String(message.requestId), Effect.failCause(items.cause))
          }
          for (const item of items.value) call.onItem?.(item)
          return send({ _tag: "Ack", requestId: message.requestId })
        }
        // The server lost its footing: it cannot say which call is meant.
        case "Defect":
          return lose("the server broke off the conversation")
      }
    }

    const onMessage = (event: { readonly data: unknown }) => {
      silent = false
      const lines = (unfinished + String(event.data)).split("\n")
      unfinished = lines.pop()!
      try {
        for (const line of lines) {
          if (line !== "") receive(JSON.parse(line) as RpcMessage.FromServerEncoded)
        }
      } catch {
        lose("it does not speak the protocol of Sheaf")
      }
    }
    const heartbeat = setInterval(() => {
      if (silent) {
        lose("the connection went silent")
        return socket.close()
      }
      silent = true
      send({ _tag: "Ping" })
    }, heartbeatMs)

    socket.addEventListener("message", onMessage)
    socket.addEventListener("close", (event) => lose(event.reason || "the connection was lost"))
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        clearInterval(heartbeat)
        lose("the client was closed")
      })
    )

    return {
      run: Effect.fnUntraced(function*(operation, payload, onItem) {
        const span = yield* callersSpan
        return yield* Effect.callback<unknown, WireError>((resume) => {
          if (lost !== undefined) return resume(Effect.fail(lost))
          const id = String(requests++)
          pending.set(id, { operation, onItem, resume })
          send({ _tag: "Request", id, tag: operation, payload, headers: endpoint.messageHeaders, ...span })
          return Effect.sync(() => {
            if (pending.delete(id)) send({ _tag: "Interrupt", requestId: id })
          })
        })
      })
    }
  }
)

const resultOf = (
  operation: string,
  exit: RpcMessage.ExitEncoded<unknown, unknown>,
  endpoint: Endpoint
): Effect.Effect<unknown, WireError> => {
  const codec = codecOf(operation)
  if (exit._tag === "Success") return codec.decodeSuccess(exit.value)
  for (const reason of exit.cause) {
    if (reason._tag === "Fail") return Effect.flatMap(codec.decodeError(reason.error), Effect.fail)
    if (reason._tag === "Die") return complaint(operation, reason.defect)
  }
  // The server stops, and its calls with it: another one may take over.
  return Effect.fail(new Unreachable({ url: endpoint.url, reason: "the server stopped the call" }))
}
