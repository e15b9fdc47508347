import { ApiRpcs, type ApiTag } from "@sheaf/domain/ApiRpcs"
import { Cause, Context, Deferred, Effect, Exit, Layer } from "effect"
import type { Headers } from "effect/http/Headers"
import { RpcMessage, RpcServer } from "effect/rpc"

interface Call {
  readonly operation: ApiTag
  /** Decoded. */
  readonly payload: unknown
  readonly headers: Headers
}

/** Calls an operation with all that stands around it, for mounts that have a protocol of their own. Not for streams. */
export class Dispatcher extends Context.Service<Dispatcher, {
  /** Interrupting it interrupts the operation. */
  readonly call: (call: Call) => Effect.Effect<Exit.Exit<unknown, unknown>>
}>()("@sheaf/server/http/Dispatcher") {
  static readonly layer = Layer.effect(
    Dispatcher,
    Effect.gen(function*() {
      const waiting = new Map<number, Deferred.Deferred<Exit.Exit<unknown, unknown>>>()
      const answer = (clientId: number, exit: Exit.Exit<unknown, unknown>) => {
        const deferred = waiting.get(clientId)
        return deferred === undefined ? Effect.void : Effect.asVoid(Deferred.succeed(deferred, exit))
      }
      const server = yield* RpcServer.makeNoSerialization(ApiRpcs, {
        disableFatalDefects: true,
        disableClientAcks: true,
        onFromServer: (response) => {
          switch (response._tag) {
            case "Exit":
              return answer(response.clientId, response.exit)
            case "Defect":
              return answer(response.clientId, Exit.die(response.defect))
            default:
              return Effect.void
          }
        }
      })

      let clients = 0
      const only = RpcMessage.RequestId("1")
      const call: Dispatcher["Service"]["call"] = ({ headers, operation, payload }) =>
        Effect.suspend(() => {
          const clientId = ++clients
          const deferred = Deferred.makeUnsafe<Exit.Exit<unknown, unknown>>()
          waiting.set(clientId, deferred)
          // Which payload belongs to which operation is known to whoever decoded it, not to the type of the message.
          const request = { _tag: "Request", id: only, tag: operation, payload, headers } as never
          return server.write(clientId, request).pipe(
            Effect.andThen(server.write(clientId, { _tag: "Eof" })),
            Effect.andThen(Deferred.await(deferred)),
            Effect.onInterrupt(() => server.disconnect(clientId)),
            Effect.ensuring(Effect.sync(() => waiting.delete(clientId)))
          )
        })

      return Dispatcher.of({ call })
    })
  )
}

/** The error that an operation ended with; anything else has been scrubbed into one before, unless it was interrupted. */
export const failureOf = (exit: Exit.Exit<unknown, unknown>): unknown =>
  Exit.isFailure(exit) ? exit.cause.reasons.find(Cause.isFailReason)?.error : undefined
