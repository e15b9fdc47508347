import type { Settings } from "@sheaf/adapters/settings"
import { Duration, Effect, Layer, Option, Redacted, Tracer } from "effect"
import { FetchHttpClient } from "effect/http"
import { Otlp } from "effect/observability"
import { version } from "../version.ts"

// Traces, metrics and logs for an OpenTelemetry collector. What cannot be sent is dropped: a collector that is down or slow costs
// nothing but what it would have been told.

const exportInterval = Duration.seconds(2)

/** At the end of the process, what is left is sent within this time or not at all. */
const shutdownTimeout = Duration.seconds(1)

/** `name=value,other=value`, the values as in a URL: the form that OpenTelemetry lays down. */
const headersOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text.split(",").map((pair) => {
      const at = pair.indexOf("=")
      return [pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())]
    })
  )

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * A trace begins with a request or an event from outside, and goes on through everything that follows from it. What a process does by
 * itself, time and again (looking for work, renewing leases, counting), begins none: it would drown the others.
 */
const onlyFromOutside = Layer.effect(
  Tracer.Tracer,
  Effect.map(Tracer.Tracer, (tracer) =>
    Tracer.make({
      ...(tracer.context !== undefined && { context: tracer.context }),
      span: (options) =>
        Option.isSome(options.parent) || options.kind === "server" || options.kind === "consumer"
          ? tracer.span(options)
          : new Tracer.NativeSpan({ ...options, sampled: false })
    }))
)

/** On top of the loggers that are there, which go on as they are. */
export const layer = (settings: Settings, defaultName: string): Layer.Layer<never> => {
  const { telemetry } = settings
  if (telemetry._tag === "Off") return Layer.empty
  const otlp = Otlp.layerJson({
    baseUrl: telemetry.endpoint,
    resource: {
      serviceName: Option.getOrElse(telemetry.serviceName, () => defaultName),
      serviceVersion: version,
      attributes: { "process.pid": process.pid }
    },
    ...(Option.isSome(telemetry.headers) && { headers: headersOf(Redacted.value(telemetry.headers.value)) }),
    loggerMergeWithExisting: true,
    loggerExportInterval: exportInterval,
    tracerExportInterval: exportInterval,
    shutdownTimeout
  }).pipe(Layer.provide(FetchHttpClient.layer))
  return Layer.provideMerge(onlyFromOutside, otlp)
}
