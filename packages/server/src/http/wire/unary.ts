import type { ApiRpcs } from "@sheaf/domain/ApiRpcs"
import type { ApiError } from "@sheaf/domain/errors"
import { Cause, Context, Effect, Exit, Schema } from "effect"
import type { Headers } from "effect/http"
import { Rpc, type RpcGroup, type RpcMessage, RpcSchema, RpcSerialization } from "effect/rpc"

type Rpcs = RpcGroup.Rpcs<typeof ApiRpcs>
export type Services = Rpc.ToHandler<Rpcs> | Rpc.Middleware<Rpcs>

/** What comes of a call: its value is what the operation's schema says, which only its name knows. */
export type Answer = Effect.Effect<unknown, ApiError>
export type Ended = Exit.Exit<unknown, ApiError>

/** What a handler and its middlewares are told of a call. */
export interface Told {
  readonly client: Rpc.ServerClient
  readonly requestId: RpcMessage.RequestId
  readonly headers: Headers.Headers
  readonly payload: unknown
}

/** One operation that answers once: how its messages are read and written, and what answers it, with its middlewares around. */
export interface Unary {
  readonly tag: string
  /** What its handler was made with. */
  readonly services: Context.Context<never>
  readonly decode: (payload: unknown) => Exit.Exit<unknown, Schema.SchemaError>
  readonly answer: (told: Told) => Answer
  /** The message that ends a call, a line. */
  readonly lineOf: (requestId: string | number, exit: Ended) => string
}

/** The operations of a group by name, but for those that stream. Each is compiled when it is called for the first time. */
export const unaryOf = (
  group: typeof ApiRpcs,
  services: Context.Context<Services>
): (tag: string) => Unary | undefined => {
  const compiled = new Map<string, Unary | undefined>()
  return (tag) => {
    if (compiled.has(tag)) return compiled.get(tag)
    // Which one it is only the name says: the compiler cannot follow.
    const rpc = (group.requests as ReadonlyMap<string, unknown>).get(tag) as Rpc.AnyWithProps | undefined
    if (rpc === undefined) return undefined
    const made = RpcSchema.isStreamSchema(rpc.successSchema) ? undefined : compile(rpc, services)
    compiled.set(tag, made)
    return made
  }
}

/** Schemas of the contract need no services, which the type of an operation whose name is not known does not say. */
const pure = (schema: Schema.Top) => RpcSerialization.json.codecFor(schema) as Schema.Codec<unknown, unknown>

/** A handler or a middleware as it is called here: it has been made with all that it needs. */
type Around = (inner: Answer, told: Told & { readonly rpc: Rpc.AnyWithProps }) => Answer

const compile = (rpc: Rpc.AnyWithProps, services: Context.Context<Services>): Unary => {
  const { context, handler } = Context.getUnsafe(services, Context.Service<Rpc.Handler<string>>(rpc.key))
  const middlewares = Array.from(
    rpc.middlewares,
    (service) => Context.getUnsafe(services, service) as unknown as Around
  )
  const encodeSuccess = Schema.encodeUnknownExit(pure(rpc.successSchema))
  const encodeExit = Schema.encodeUnknownExit(pure(Rpc.exitSchema(rpc)))

  // Nobody declared what the handler answers: a bug, of which whoever calls hears as of others that are not scrubbed.
  const unreadable = (cause: Cause.Cause<Schema.SchemaError>) =>
    JSON.stringify({
      _tag: "Failure",
      cause: [{ _tag: "Die", defect: `Failed to encode response for RPC "${rpc._tag}": ${Cause.pretty(cause)}` }]
    })
  const textOf = (exit: Ended): string => {
    const encoded = Exit.isSuccess(exit) ? encodeSuccess(exit.value) : encodeExit(exit)
    if (Exit.isFailure(encoded)) return unreadable(encoded.cause)
    const text = JSON.stringify(encoded.value) ?? "null"
    return Exit.isSuccess(exit) ? `{"_tag":"Success","value":${text}}` : text
  }

  return {
    tag: rpc._tag,
    services: context,
    decode: Schema.decodeUnknownExit(pure(rpc.payloadSchema)),
    answer: (told) => {
      const metadata = { ...told, rpc }
      // No stream, and no handler of this server wants to be run in any other way: what it answers is an effect.
      const handled = Effect.suspend(() => handler(told.payload, metadata) as Answer)
      return middlewares.reduce<Answer>((inner, around) => around(inner, metadata), handled)
    },
    lineOf: (requestId, exit) => `{"_tag":"Exit","requestId":${JSON.stringify(requestId)},"exit":${textOf(exit)}}\n`
  }
}
