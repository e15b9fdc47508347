import { ApiRpcs } from "@sheaf/domain/ApiRpcs"
import { type Cause, Context, Duration, Effect, Layer, Schema, Stream } from "effect"
import { BadRequest } from "../errors/api.ts"
import { TimedOut } from "../errors/client.ts"
import { fromWire } from "../errors/fromWire.ts"
import type { CallOptions, MutationOptions } from "../options.ts"
import { Connection } from "./Connection.ts"
import { Endpoint } from "./Endpoint.ts"
import { retrying } from "./retrying.ts"
import type { CallError, Item, Payload, StreamOperation, Success, UnaryOperation, WireError } from "./rpc.ts"

/** Calls of the contract's operations, with deadline, retries and typed errors. */
export class Calls extends Context.Service<Calls, {
  /** A question: asked again when the connection is lost on the way. */
  readonly query: <const Tag extends UnaryOperation>(
    operation: Tag,
    payload: Payload<Tag>,
    options?: CallOptions
  ) => Effect.Effect<Success<Tag>, CallError<Tag>>
  /** A change: gets an idempotency key, which it keeps when it is sent again. */
  readonly mutate: <const Tag extends UnaryOperation>(
    operation: Tag,
    payload: Payload<Tag>,
    options?: MutationOptions
  ) => Effect.Effect<Success<Tag>, CallError<Tag>>
  /** One subscription: it ends with an error when the connection is lost. Whoever runs it must never stop reading. */
  readonly subscribe: <const Tag extends StreamOperation>(
    operation: Tag,
    payload: Payload<Tag>
  ) => Stream.Stream<Item<Tag>, CallError<Tag>>
}>()("@sheaf/sdk/connection/Calls") {
  static readonly layer = Layer.effect(
    Calls,
    Effect.gen(function*() {
      const endpoint = yield* Endpoint
      const connection = yield* Connection
      const wire = { headers: endpoint.messageHeaders }

      const typed = <Tag extends UnaryOperation | StreamOperation>(operation: Tag) => (cause: Cause.Cause<unknown>) => {
        const error = fromWire(cause, { operation, url: endpoint.url })
        // The server answers an operation with its own errors and those that every operation has: the types say which.
        return error === undefined
          ? Effect.failCause(cause as Cause.Cause<never>)
          : Effect.fail(error as CallError<Tag>)
      }

      const query: Calls["Service"]["query"] = <const Tag extends UnaryOperation>(
        operation: Tag,
        payload: Payload<Tag>,
        options?: CallOptions
      ) => {
        const limit = options?.timeout === undefined ? endpoint.timeout : Duration.fromInputUnsafe(options.timeout)
        const once = Effect.gen(function*() {
          const client = yield* connection.client
          return yield* client.send(operation, payload, wire)
        }).pipe(Effect.scoped, Effect.catchCause(typed(operation)))
        return checked(operation, payload).pipe(
          Effect.andThen(once),
          retrying(operation, endpoint),
          Effect.timeoutOrElse({
            duration: limit,
            orElse: () => Effect.fail(new TimedOut({ operation, limitMs: Duration.toMillis(limit) }))
          })
        ) as Effect.Effect<Success<Tag>, CallError<Tag>>
      }

      const mutate: Calls["Service"]["mutate"] = (operation, payload, options) =>
        Effect.suspend(() => {
          const actor = options?.onBehalfOf ?? endpoint.onBehalfOf
          const idempotencyKey = options?.idempotencyKey ?? globalThis.crypto.randomUUID()
          return query(operation, { ...payload, idempotencyKey, ...(actor && { onBehalfOf: actor }) }, options)
        })

      const subscribe: Calls["Service"]["subscribe"] = <const Tag extends StreamOperation>(
        operation: Tag,
        payload: Payload<Tag>
      ) =>
        checked(operation, payload).pipe(
          Effect.andThen(connection.client),
          Effect.map((client) => client.send(operation, payload, wire) as Stream.Stream<Item<Tag>, WireError>),
          Stream.unwrap,
          Stream.catchCause((cause) => Stream.fromEffect(typed(operation)(cause)))
        )

      return Calls.of({ query, mutate, subscribe })
    })
  )
}

/** The payload is checked here already: a wrong one gives the same error as from the server, without asking it. */
const checked = (operation: string, payload: unknown): Effect.Effect<void, BadRequest> => {
  // Every payload schema of the contract is a struct or void; the map of operations has forgotten which.
  const schema = ApiRpcs.requests.get(operation)!.payloadSchema as Schema.Codec<unknown>
  return Effect.mapError(
    schema.makeEffect(payload),
    (issue) => new BadRequest({ reason: new Schema.SchemaError(issue).message })
  )
}
