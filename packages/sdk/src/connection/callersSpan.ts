import { Effect, Option, Tracer } from "effect"

export interface CallersSpan {
  readonly traceId: string
  readonly spanId: string
  readonly sampled: boolean
}

/** The span that a call is made in, where the caller collects spans: then what the server does for it belongs to the same trace. */
export const callersSpan: Effect.Effect<CallersSpan | undefined> = Effect.flatMap(
  Tracer.Tracer,
  (tracer) =>
    tracer === Tracer.nativeTracer
      ? Effect.undefined
      : Effect.map(Effect.option(Effect.currentParentSpan), (span) =>
        Option.getOrUndefined(Option.map(span, ({ sampled, spanId, traceId }) => ({ traceId, spanId, sampled }))))
)

/** As HTTP carries it (W3C Trace Context). */
export const traceHeaders = (span: CallersSpan | undefined): Readonly<Record<string, string>> =>
  span === undefined ? {} : { traceparent: `00-${span.traceId}-${span.spanId}-${span.sampled ? "01" : "00"}` }
