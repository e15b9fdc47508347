import { Effect } from "effect"

/** The span in which this runs, as W3C `traceparent`, or `null` outside of any. */
export const traceparent: Effect.Effect<string | null> = Effect.currentParentSpan.pipe(
  Effect.map(({ sampled, spanId, traceId }) => `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`),
  Effect.orElseSucceed(() => null)
)
