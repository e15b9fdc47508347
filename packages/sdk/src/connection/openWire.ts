import type { ApiError } from "@sheaf/domain/errors"
import { Effect, Exit, type Scope } from "effect"
import type { RpcMessage } from "effect/rpc"
import type { Raised } from "../errors/api.ts"
import { TimedOut, Unreachable, type VersionSkew } from "../errors/client.ts"
import { spanOf } from "./callersSpan.ts"
import { madeCodec } from "./codecs.ts"
import { complaint } from "./complaint.ts"
import type { Endpoint } from "./Endpoint.ts"
import { openSocket } from "./openSocket.ts"
import { makeOutbox } from "./outbox.ts"

export type WireError = Raised<ApiError> | Unreachable | TimedOut | VersionSkew

interface RunOptions {
  /**
   * Items of a stream, as soon as they are there. They are acknowledged at once: a reader that is slow must not slow down the connection,
   * so it has to keep or merge what it has no time for.
   */
  readonly onItem?: ((item: unknown) => void) | undefined
  /** Fails with `TimedOut` after so many milliseconds, and cancels the work on the server. */
  readonly limitMs?: number
}

/** An open connection, over which any number of operations run at the same time. */
export interface Wire {
  /** Runs one operation, whose codec is there; interrupting it cancels the work on the server. */
  readonly run: (
    operation: string,
    encodedPayload: unknown,
    options?: RunOptions
  ) => Effect.Effect<unknown, WireError>
}

interface Pending {
  readonly operation: string
  readonly onItem: RunOptions["onItem"]
  readonly resume: (result: Effect.Effect<unknown, WireError>) => void
  readonly timer: ReturnType<typeof setTimeout> | undefined
}

/** Silence for so long after a question means that nobody is there any more. */
const heartbeatMs = 10_000

/** How long a connection is kept that nobody uses. */
const idleMs = 5_000

/** Timers cannot wait any longer. */
const longestMs = 2 ** 31 - 1

/** Opens a connection, which lives as long as the scope, or until nobody has used it for a while. `onLost` is called once, if it ends before. */
export const openWire = Effect.fnUntraced(
  function*(endpoint: Endpoint, onLost: (reason: string) => void): Effect.fn.Return<Wire, Unreachable, Scope.Scope> {
    const socket = yield* openSocket(endpoint)
    const outbox = makeOutbox(socket)
    const pending = new Map<string, Pending>()
    let requests = 0
    let lost: Unreachable | undefined
    let silent = false
    let unfinished = ""
    let idle: ReturnType<typeof setTimeout> | undefined

    const send = (message: RpcMessage.FromClientEncoded) => outbox.send(JSON.stringify(message))
    const lose = (reason: string) => {
      if (lost !== undefined) return
      lost = new Unreachable({ url: endpoint.url, reason })
      outbox.close()
      clearTimeout(idle)
      const failed = Effect.fail(lost)
      const calls = [...pending.keys()].map((id) => take(id)!)
      // First, so that whoever is told of the loss and tries again does not meet this connection.
      onLost(reason)
      for (const call of calls) call.resume(failed)
    }
    /** A call that is over. */
    const take = (id: string): Pending | undefined => {
      const call = pending.get(id)
      if (call === undefined) return undefined
      pending.delete(id)
      clearTimeout(call.timer)
      if (pending.size === 0 && lost === undefined) idle = setTimeout(lose, idleMs, "nobody used it")
      return call
    }
    const cancel = (id: string): Pending | undefined => {
      const call = take(id)
      if (call !== undefined) send({ _tag: "Interrupt", requestId: id })
      return call
    }

    const receive = (message: RpcMessage.FromServerEncoded) => {
      switch (message._tag) {
        case "Exit": {
          const call = take(String(message.requestId))
          return call?.resume(resultOf(call.operation, message.exit, endpoint))
        }
        case "Chunk": {
          const id = String(message.requestId)
          const call = pending.get(id)
          if (call === undefined) return
          const items = madeCodec(call.operation)!.decodeItems(message.values)
          if (Exit.isFailure(items)) return cancel(id)?.resume(items)
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

    const headers = JSON.stringify(endpoint.messageHeaders)
    const run: Wire["run"] = (operation, payload, { limitMs, onItem } = {}) =>
      Effect.withFiber((caller) =>
        Effect.callback<unknown, WireError>((resume) => {
          if (lost !== undefined) return resume(Effect.fail(lost))
          clearTimeout(idle)
          const id = String(requests++)
          const late = (ms: number) => cancel(id)?.resume(Effect.fail(new TimedOut({ operation, limitMs: ms })))
          const timer = limitMs !== undefined && limitMs <= longestMs ? setTimeout(late, limitMs, limitMs) : undefined
          pending.set(id, { operation, onItem, resume, timer })
          const span = spanOf(caller)
          const traced = span === undefined ? "" : `,${JSON.stringify(span).slice(1, -1)}`
          // Put together by hand, since most of it is the same for every call.
          const known = `{"_tag":"Request","id":"${id}","tag":"${operation}","headers":${headers}${traced}`
          outbox.send(`${known},"payload":${JSON.stringify(payload ?? null)}}`)
          return Effect.sync(() => void cancel(id))
        })
      )
    return { run }
  }
)

const resultOf = (
  operation: string,
  exit: RpcMessage.ExitEncoded<unknown, unknown>,
  endpoint: Endpoint
): Effect.Effect<unknown, WireError> => {
  const codec = madeCodec(operation)!
  if (exit._tag === "Success") return codec.decodeSuccess(exit.value)
  for (const reason of exit.cause) {
    if (reason._tag === "Fail") return Effect.flatMap(codec.decodeError(reason.error), Effect.fail)
    if (reason._tag === "Die") return complaint(operation, reason.defect)
  }
  // The server stops, and its calls with it: another one may take over.
  return Effect.fail(new Unreachable({ url: endpoint.url, reason: "the server stopped the call" }))
}
