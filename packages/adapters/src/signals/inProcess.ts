import { Effect, Layer, PubSub, Stream } from "effect"
import { type Signal, Signals } from "./Signals.ts"

/** Signals within one process: the embedded profile. A listener that is 4,096 signals behind loses the oldest. */
export const layer: Layer.Layer<Signals> = Layer.effect(
  Signals,
  Effect.gen(function*() {
    const bus = yield* PubSub.sliding<Signal>(4_096)
    return Signals.of({
      send: (signal) => Effect.asVoid(PubSub.publish(bus, signal)),
      subscribe: (tag) =>
        Effect.map(PubSub.subscribe(bus), (subscription) =>
          Stream.fromSubscription(subscription).pipe(
            Stream.filter((signal): signal is Extract<Signal, { readonly _tag: typeof tag }> => signal._tag === tag)
          ))
    })
  })
)
