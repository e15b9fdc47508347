import { Option, type Redacted } from "effect"
import type { Reader } from "./Reader.ts"
import { type Kind, secretText, text, url, variable } from "./Variable.ts"

/** Where traces, metrics and logs are sent, in the OpenTelemetry protocol over HTTP. The names are those of OpenTelemetry. */
export type TelemetrySettings =
  | { readonly _tag: "Off" }
  | {
    readonly _tag: "Otlp"
    readonly endpoint: string
    readonly headers: Option.Option<Redacted.Redacted>
    readonly serviceName: Option.Option<string>
  }

export const otlpEndpoint = variable(
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  url(["http:", "https:"], "collector:4318"),
  "An OpenTelemetry collector, spoken to over HTTP with JSON: traces that follow a document through every stage, metrics and logs. Not set: nothing is sent. A collector that is down harms nothing."
)

const pairs: Kind<Redacted.Redacted> = {
  name: "pairs, like `name=value,other=value`",
  parse: (text) => /^\s*[^=,\s]+=[^,]*(,\s*[^=,\s]+=[^,]*)*$/.test(text) ? secretText.parse(text) : Option.none()
}
const headers = variable("OTEL_EXPORTER_OTLP_HEADERS", pairs, "Headers that the collector wants, such as a key.", {
  secret: true
})

const serviceName = variable(
  "OTEL_SERVICE_NAME",
  text,
  "Names this process there. Not set: `sheaf-api`, `sheaf-worker` or `sheaf`."
)

export const variables = [otlpEndpoint, headers, serviceName]

export const read = (reader: Reader): TelemetrySettings =>
  // Other programs of the machine may have set the rest for themselves: without an endpoint they mean nothing to us.
  Option.match(reader.optional(otlpEndpoint), {
    onNone: () => ({ _tag: "Off" }),
    onSome: (endpoint) => ({
      _tag: "Otlp",
      endpoint,
      headers: reader.optional(headers),
      serviceName: reader.optional(serviceName)
    })
  })
