import { Effect, Layer, Option, PubSub, Schema, Stream } from "effect"
import { SecureRandom } from "effect/crypto"
import { NatsConnection } from "../nats/NatsConnection.ts"
import { Signal, Signals } from "./Signals.ts"

/** A signal as it travels, with the process that sent it. */
const Envelope = Schema.fromJsonString(Schema.Struct({ from: Schema.String, signal: Signal }))
const encode = Schema.encodeSync(Envelope)
const decode = Schema.decodeUnknownOption(Envelope)

/** As many as a listener may be behind before it loses the oldest. */
const kept = 4_096

/**
 * Signals between all processes, over NATS subjects `sheaf.signals.<tag>`. Our own reach our listeners at once, by no way round; while
 * NATS is down the others do without, and find out by looking.
 */
export const layer: Layer.Layer<Signals, never, NatsConnection> = Layer.effect(
  Signals,
  Effect.gen(function*() {
    const nats = yield* NatsConnection
    const from = yield* Effect.sync(() => SecureRandom.uuidV7Unsafe())
    const bus = yield* PubSub.sliding<Signal>(kept)

    yield* Effect.acquireRelease(
      Effect.sync(() =>
        nats.core.subscribe(nats.subject("signals", "*"), {
          callback: (error, message) => {
            // Whoever may not listen hears nothing, and looks. What cannot be read is of another release, or nobody's.
            const heard = error === null ? decode(message.string()) : Option.none()
            if (Option.isSome(heard) && heard.value.from !== from) PubSub.publishUnsafe(bus, heard.value.signal)
          }
        })
      ),
      (subscription) => Effect.sync(() => subscription.unsubscribe())
    )

    const send = (signal: Signal) =>
      Effect.gen(function*() {
        yield* PubSub.publish(bus, signal)
        const { connected } = yield* nats.status
        if (!connected) return
        yield* Effect.try(() => nats.core.publish(nats.subject("signals", signal._tag), encode({ from, signal }))).pipe(
          Effect.ignore
        )
      })

    return Signals.of({
      send,
      subscribe: (tag) =>
        Effect.map(PubSub.subscribe(bus), (subscription) =>
          Stream.fromSubscription(subscription).pipe(
            Stream.filter((signal): signal is Extract<Signal, { readonly _tag: typeof tag }> => signal._tag === tag)
          ))
    })
  })
)
