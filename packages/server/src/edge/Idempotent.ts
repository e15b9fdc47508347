import { CurrentCaller } from "@sheaf/domain/edge/Caller"
import type { IdempotencyKeyReused } from "@sheaf/domain/edge/errors"
import { Idempotent } from "@sheaf/domain/edge/middleware"
import { Context, Effect, Layer, Schema } from "effect"
import type { Rpc } from "effect/rpc"
import { Mutations } from "./Mutations.ts"
import { bearerOf } from "./secrets.ts"
import { withoutPassword } from "./withoutPassword.ts"

/** Runs the change of the mutation being handled within its transaction, once. */
export interface Once {
  <A, E, R>(change: Effect.Effect<A, E, R>): Effect.Effect<A, E, R>
}

/**
 * For operations in `preparing`: where their transaction begins. They have something to do before it that must not hold the
 * database, such as writing a blob.
 */
export const once = Context.Reference<Once>("@sheaf/server/edge/Idempotent/once", {
  defaultValue: () => () => Effect.die(new Error("there is no mutation to run once"))
})

/** Operations that call `once` by themselves; all others are a change from beginning to end. */
const preparing: ReadonlySet<string> = new Set([
  "AnnotationsCreate",
  "ConnectionsCheck",
  "ConnectionsCreate",
  "ConnectionsUpdate",
  "DocumentsIngestText",
  "SegmentsAdd",
  "SegmentsEdit"
])

/** Operations that answer a secret. */
const secret: ReadonlySet<string> = new Set(["KeysCreate", "TenantsCreate", "WebhooksCreate", "WebhooksRotate"])

export const layer = Layer.effect(
  Idempotent,
  Effect.gen(function*() {
    const mutations = yield* Mutations
    return Idempotent.of((effect, { headers, payload, rpc }) =>
      Effect.gen(function*() {
        const caller = yield* CurrentCaller
        const { idempotencyKey, ...encoded } = yield* encodePayload(rpc, payload)
        const bearer = bearerOf(headers)
        const mutation = {
          operation: rpc._tag,
          idempotencyKey,
          payload: withoutPassword(encoded, bearer),
          ...(secret.has(rpc._tag) && bearer !== undefined && { sealedWith: bearer })
        }
        if (!preparing.has(rpc._tag)) {
          return yield* mutations.once(caller, {
            ...mutation,
            answer: answerOf<Effect.Success<typeof effect>>(rpc)
          }, effect)
        }
        const run: Once = (change) => hideReuse(mutations.once(caller, { ...mutation, answer: answerOf(rpc) }, change))
        return yield* Effect.provideService(effect, once, run)
      })
    )
  })
)

/** The error is this middleware's own: every mutation may end with it, whatever its handler says. */
const hideReuse = <A, E, R>(effect: Effect.Effect<A, E | IdempotencyKeyReused, R>) => effect as Effect.Effect<A, E, R>

const Payload = Schema.StructWithRest(Schema.Struct({ idempotencyKey: Schema.String }), [
  Schema.Record(Schema.String, Schema.Unknown)
])

const payloads = new WeakMap<Rpc.AnyWithProps, (payload: unknown) => Effect.Effect<typeof Payload.Type>>()

const encodePayload = (rpc: Rpc.AnyWithProps, payload: unknown): Effect.Effect<typeof Payload.Type> => {
  let encode = payloads.get(rpc)
  if (encode === undefined) {
    const whole = Schema.encodeUnknownEffect(pure(Schema.toCodecJson(rpc.payloadSchema)))
    encode = (given) => Effect.orDie(Effect.flatMap(whole(given), Schema.decodeUnknownEffect(Payload)))
    payloads.set(rpc, encode)
  }
  return encode(payload)
}

const answers = new WeakMap<Rpc.AnyWithProps, Schema.Codec<never, unknown>>()

/** What an operation answers, as JSON. Its type is that of the handler, which only the caller of this knows. */
const answerOf = <A>(rpc: Rpc.AnyWithProps): Schema.Codec<A, unknown> => {
  const known = answers.get(rpc) ?? pure(Schema.toCodecJson(rpc.successSchema))
  answers.set(rpc, known)
  return known as Schema.Codec<A, unknown>
}

/** Schemas of the contract need no services, which the type of an RPC whose name is not known does not say. */
const pure = (schema: Schema.Top): Schema.Codec<never, unknown> => schema as never
