import { Effect, Option, Tracer } from "effect"
import { HttpTraceContext } from "effect/http"
import * as Headers from "effect/http/Headers"

/** The span in which this runs, as W3C `traceparent`; `null` outside of any, and where nobody collects spans. */
export const traceparent: Effect.Effect<string | null> = Effect.flatMap(
  Tracer.Tracer,
  (tracer) =>
    tracer === Tracer.nativeTracer ? Effect.succeed(null) : Effect.currentParentSpan.pipe(
      Effect.map(({ sampled, spanId, traceId }) => `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`),
      Effect.orElseSucceed(() => null)
    )
)

/** Runs an effect as a part of the trace that a `traceparent` names, if it names one. */
export const continuing =
  (traceparent: string | null) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    traceparent === null
      ? effect
      : Option.match(HttpTraceContext.w3c(Headers.fromInput({ traceparent })), {
        onNone: () => effect,
        onSome: (span) => Effect.provideService(effect, Tracer.ParentSpan, span)
      })
