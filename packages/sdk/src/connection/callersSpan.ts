import { Context, Effect, type Fiber, Tracer } from "effect"

export interface CallersSpan {
  readonly traceId: string
  readonly spanId: string
  readonly sampled: boolean
}

/** The span that a call is made in, where the caller collects spans: then what the server does for it belongs to the same trace. */
export const spanOf = (caller: Fiber.Fiber<unknown, unknown>): CallersSpan | undefined => {
  if (caller.getRef(Tracer.Tracer) === Tracer.nativeTracer) return undefined
  const span = Context.getOrUndefined(caller.context, Tracer.ParentSpan)
  return span && { traceId: span.traceId, spanId: span.spanId, sampled: span.sampled }
}

/** The same, of whoever runs this. */
export const callersSpan: Effect.Effect<CallersSpan | undefined> = Effect.withFiberSucceed(spanOf)

/** As HTTP carries it (W3C Trace Context). */
export const traceHeaders = (span: CallersSpan | undefined): Readonly<Record<string, string>> =>
  span === undefined ? {} : { traceparent: `00-${span.traceId}-${span.spanId}-${span.sampled ? "01" : "00"}` }
