import { Effect, Redacted } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest } from "effect/http"

interface Target {
  readonly url: URL
  readonly apiKey: Redacted.Redacted
}

interface Sent {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** Anything but a text goes as JSON. */
  readonly body?: unknown
  /** Instead of the target's own; `null` sends none. */
  readonly key?: string | null
}

/** One request to a server or a double, past the adapter. */
export const send = Effect.fnUntraced(function*({ apiKey, url }: Target, { body, method, path, ...more }: Sent) {
  const { key = Redacted.value(apiKey), query = {} } = more
  const http = yield* HttpClient.HttpClient
  const response = yield* http.execute(
    HttpClientRequest.make(method)(`${url.origin}${path}`).pipe(
      HttpClientRequest.appendUrlParams(query),
      (made) => key === null ? made : HttpClientRequest.setHeader(made, "x-typesense-api-key", key),
      (made) =>
        body === undefined
          ? made
          : HttpClientRequest.bodyText(made, typeof body === "string" ? body : JSON.stringify(body))
    )
  )
  return { status: response.status, text: yield* response.text }
}, Effect.provide(FetchHttpClient.layer))
