import { Effect } from "effect"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

/** A span as the OpenTelemetry protocol writes it in JSON, as far as tests look at it. */
export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  /** Which process says so: the resource's `service.name`. */
  readonly service: string
  readonly kind: number
  readonly attributes: ReadonlyArray<{ readonly key: string; readonly value: { readonly stringValue?: string } }>
}

/** A span that somebody else has asked for (opentelemetry-proto, `SpanKind`). */
export const serverKind = 2

interface TraceRequest {
  readonly resourceSpans: ReadonlyArray<{
    readonly resource: { readonly attributes: Span["attributes"] }
    readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<Omit<Span, "service">> }>
  }>
}

export const attributeOf = ({ attributes }: Pick<Span, "attributes">, key: string) =>
  attributes.find((attribute) => attribute.key === key)?.value.stringValue

/** What has arrived so far. */
class Collector {
  readonly spans: Array<Span> = []
  /** One for each kind of telemetry. */
  readonly paths = new Set<string>()
  /** What the header `x-key` said. */
  readonly keys = new Set<string>()
  readonly #server = createServer(async (request, response) => {
    const chunks: Array<Buffer> = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    this.paths.add(request.url ?? "")
    this.keys.add(String(request.headers["x-key"]))
    if (request.url === "/v1/traces") this.#keep(JSON.parse(Buffer.concat(chunks).toString()) as TraceRequest)
    response.writeHead(200, { "content-type": "application/json" }).end("{}")
  })

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  listen(): Promise<this> {
    return new Promise((resolve) => this.#server.listen(0, "127.0.0.1", () => resolve(this)))
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #keep({ resourceSpans }: TraceRequest): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = attributeOf(resource, "service.name") ?? ""
      for (const { spans } of scopeSpans) for (const span of spans) this.spans.push({ ...span, service })
    }
  }
}

/** A collector of the OpenTelemetry protocol over HTTP that keeps what it is sent; gone with the scope. */
export const start = Effect.acquireRelease(
  Effect.promise(() => new Collector().listen()),
  (collector) => Effect.sync(() => collector.close())
)
