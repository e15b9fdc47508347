import type { ApiError } from "@sheaf/domain/errors"
import { Context, Effect, Exit, Fiber, References, Scope, Tracer } from "effect"
import type { Headers } from "effect/http"
import { Rpc, RpcMessage, RpcSchema } from "effect/rpc"
import { makeHeadersOf } from "./headersOf.ts"
import type { Outbox } from "./Outbox.ts"
import type { Answer, Unary } from "./unary.ts"

/** The calls of one connection that are answered once. */
export interface Calls {
  /** Takes a message that concerns them. False: it is for somebody else. */
  readonly take: (message: RpcMessage.FromClientEncoded) => boolean
  /** Whoever called has gone. */
  readonly abandon: () => void
  /** Ends all of them, and tells whoever called. */
  readonly stop: Effect.Effect<void>
}

/**
 * Answers calls of one connection: a fiber for each, which begins at once, and a line when it ends. What is not a plain call of a known
 * operation with a payload that can be read is left to others, who know what to say about it.
 */
export const makeCalls = (options: {
  readonly clientId: number
  readonly find: (tag: string) => Unary | undefined
  readonly headers: Headers.Headers
  readonly outbox: Outbox
  /** Of whoever reads from the connection. */
  readonly context: Context.Context<never>
}): Calls => {
  const { context, find, outbox } = options
  const fibers = new Map<string | number, Fiber.Fiber<unknown, ApiError>>()
  const contexts = new Map<Unary, Context.Context<never>>()
  const client = new Rpc.ServerClient(options.clientId)
  const headersOf = makeHeadersOf(options.headers)
  const isTraced = Context.get(context, References.TracerEnabled)
  let gone = false
  let stopping = false

  const contextOf = (operation: Unary): Context.Context<never> => {
    const known = contexts.get(operation) ?? Context.merge(operation.services, context)
    contexts.set(operation, known)
    return known
  }

  const begin = (operation: Unary, request: RpcMessage.RequestEncoded, payload: unknown): void => {
    const { id } = request
    const told = { client, requestId: RpcMessage.RequestId(id), headers: headersOf(request.headers), payload }
    const answered = Effect.suspend(() => operation.answer(told))
    const scope = Scope.makeUnsafe()
    const fiber = Effect.runForkWith(Context.add(contextOf(operation), Scope.Scope, scope))(
      isTraced ? traced(answered, request) : answered
    )
    fibers.set(id, fiber)
    fiber.addObserver((exit) => {
      fibers.delete(id)
      const closing = Scope.closeUnsafe(scope, exit)
      if (closing !== undefined) Effect.runFork(closing)
      if (!gone) outbox.push(operation.lineOf(id, exit))
    })
  }

  const request = (message: RpcMessage.RequestEncoded): boolean => {
    if (stopping || message.isNotification || message.discard || !Array.isArray(message.headers)) return false
    const operation = find(message.tag)
    if (operation === undefined || fibers.has(message.id)) return false
    const payload = operation.decode(message.payload)
    if (Exit.isFailure(payload)) return false
    begin(operation, message, payload.value)
    return true
  }

  const interrupt = (id: string | number): boolean => {
    const fiber = fibers.get(id)
    fiber?.interruptUnsafe(undefined, RpcSchema.ClientAbort.annotation)
    return fiber !== undefined
  }

  return {
    take: (message) => {
      switch (message._tag) {
        case "Request":
          return request(message)
        case "Interrupt":
          return interrupt(message.requestId)
        default:
          return false
      }
    },
    abandon: () => {
      gone = true
      for (const fiber of fibers.values()) fiber.interruptUnsafe()
    },
    stop: Effect.suspend(() => {
      stopping = true
      return Fiber.interruptAll([...fibers.values()])
    })
  }
}

/** In a span, as a part of the caller's trace. */
const traced = (answered: Answer, { sampled, spanId, tag, traceId }: RpcMessage.RequestEncoded): Answer =>
  Effect.withSpan(answered, tag, {
    kind: "server",
    attributes: { "rpc.system.name": "effect_rpc", "rpc.method": tag },
    ...(traceId !== undefined && spanId !== undefined &&
      { parent: Tracer.externalSpan({ traceId, spanId, sampled: sampled ?? false }) })
  })
