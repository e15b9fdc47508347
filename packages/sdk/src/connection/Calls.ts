import { Effect } from "effect"
import { TimedOut, Unreachable } from "../errors/client.ts"
import type { SheafError } from "../errors/explained.ts"
import type { CallOptions, MutationOptions } from "../options.ts"
import { loadCodec, madeCodec } from "./codecs.ts"
import type { Connection } from "./Connection.ts"
import { type Endpoint, millis } from "./Endpoint.ts"
import { again, retrying } from "./retrying.ts"
import type { CallError, Item, Operation, Payload, StreamOperation, Success, UnaryOperation } from "./rpc.ts"

/** Calls of the contract's operations, with deadline, retries and typed errors. */
export interface Calls {
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
  /** One subscription, until the server ends it. Fails when the connection is lost. */
  readonly subscribe: <const Tag extends StreamOperation>(
    operation: Tag,
    payload: Payload<Tag>,
    onItem: (item: Item<Tag>) => void
  ) => Effect.Effect<void, CallError<Tag>>
}

/** Random enough to be unique; also on pages without TLS, where `randomUUID` is missing. */
const newKey = (): string =>
  Array.from(globalThis.crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join(
    ""
  )

/** A part of this client was not loaded. */
export const partMissing = ({ url }: Endpoint): Unreachable =>
  new Unreachable({ url, reason: "a part of this client could not be loaded" })

export const makeCalls = (endpoint: Endpoint, connection: Connection): Calls => {
  const run = (operation: Operation, encoded: unknown, onItem?: (item: unknown) => void) =>
    Effect.flatMap(connection.wire, (wire) => wire.run(operation, encoded, { onItem }))

  const encoded = (operation: Operation, payload: unknown) =>
    loadCodec(operation).pipe(
      Effect.mapError(() => partMissing(endpoint)),
      Effect.flatMap((codec) => codec.encode(payload))
    )

  /** The types of an operation follow from its name: the codec of that name made the value. */
  const typed = <Tag extends Operation, A>(call: Effect.Effect<unknown, SheafError>) =>
    call as Effect.Effect<A, CallError<Tag>>

  const query: Calls["query"] = (operation, payload, options) => {
    const limitMs = options?.timeout === undefined ? endpoint.timeoutMs : millis(options.timeout)
    const within = <A, E>(call: Effect.Effect<A, E>, duration = limitMs) =>
      Effect.timeoutOrElse(call, { duration, orElse: () => Effect.fail(new TimedOut({ operation, limitMs })) })
    const fromScratch = Effect.suspend(() =>
      within(Effect.flatMap(
        encoded(operation, payload),
        (message) => retrying(operation, endpoint, run(operation, message))
      ))
    )
    return typed(Effect.suspend(() => {
      const wire = connection.ready()
      const codec = madeCodec(operation)
      if (wire === undefined || codec === undefined) return fromScratch
      // Nearly always everything is at hand: a call is then a message and a timer, and costs no fibers of its own.
      return Effect.flatMap(codec.encode(payload), (message) => {
        const beganMs = performance.now()
        return Effect.catchIf(
          wire.run(operation, message, { limitMs }),
          (error) => error._tag !== "TimedOut",
          (error) =>
            within(
              again(operation, endpoint, run(operation, message), error),
              limitMs - (performance.now() - beganMs)
            )
        )
      })
    }))
  }

  const mutate: Calls["mutate"] = (operation, payload, options) =>
    Effect.suspend(() => {
      const onBehalfOf = options?.onBehalfOf ?? endpoint.onBehalfOf
      const idempotencyKey = options?.idempotencyKey ?? newKey()
      return query(operation, { ...payload, idempotencyKey, ...(onBehalfOf && { onBehalfOf }) }, options)
    })

  const subscribe: Calls["subscribe"] = (operation, payload, onItem) =>
    typed(
      Effect.flatMap(
        encoded(operation, payload),
        (message) => run(operation, message, onItem as (item: unknown) => void)
      )
    )

  return { query, mutate, subscribe }
}
