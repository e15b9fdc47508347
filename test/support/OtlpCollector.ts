import { Effect } from "effect"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

/** A span as the OpenTelemetry protocol writes it in JSON, as far as tests look at it. */
export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly attributes: ReadonlyArray<{ readonly key: string; readonly value: { readonly stringValue?: string } }>
}

/** A span that somebody else has asked for (opentelemetry-proto, `SpanKind`). */
export const serverKind = 2

interface TraceRequest {
  readonly resourceSpans: ReadonlyArray<{
    readonly resource: { readonly attributes: Span["attributes"] }
    readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<Span> }>
  }>
}

export const attributeOf = ({ attributes }: Pick<Span, "attributes">, key: string) =>
  attributes.find((attribute) => attribute.key === key)?.value.stringValue

/** A collector of the OpenTelemetry protocol over HTTP that keeps what it is sent; gone with the scope. */
export const start = Effect.acquireRelease(
  Effect.promise(() =>
    new Promise<
      {
        url: string
        spans: Array<Span>
        services: Set<string>
        paths: Set<string>
        headers: Set<string>
        close: () => void
      }
    >(
      (resolve) => {
        const spans: Array<Span> = []
        const services = new Set<string>()
        const paths = new Set<string>()
        const headers = new Set<string>()
        const server = createServer(async (request, response) => {
          const chunks: Array<Buffer> = []
          for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
          paths.add(request.url ?? "")
          headers.add(String(request.headers["x-key"]))
          if (request.url === "/v1/traces") {
            const body = JSON.parse(Buffer.concat(chunks).toString()) as TraceRequest
            for (const { resource, scopeSpans } of body.resourceSpans) {
              services.add(attributeOf(resource, "service.name") ?? "")
              for (const scope of scopeSpans) spans.push(...scope.spans)
            }
          }
          response.writeHead(200, { "content-type": "application/json" }).end("{}")
        }).listen(0, "127.0.0.1", () => {
          const { port } = server.address() as AddressInfo
          const close = () => {
            server.closeAllConnections()
            server.close()
          }
          resolve({ url: `http://127.0.0.1:${port}`, spans, services, paths, headers, close })
        })
      }
    )
  ),
  ({ close }) => Effect.sync(close)
)
