import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Clock, Duration, Effect, type Layer, type Redacted, Stream } from "effect"
import { HttpClient, HttpClientRequest, type HttpClientResponse } from "effect/http"
import { RequestFailed } from "../governor/EmbeddingClient.ts"
import { retryAfter } from "./retryAfter.ts"

export interface HttpOptions {
  /** Where the server is, such as `http://gpu:8080`. */
  readonly url: URL
  /** Sent as a bearer token. */
  readonly apiKey?: Redacted.Redacted | undefined
  /** A request that takes longer has failed. */
  readonly timeout: Duration.Input
  /** Answers that are larger are not read. Default 64 MiB. */
  readonly maxResponseBytes?: number
}

/** One server, spoken to in JSON. */
export interface Http {
  readonly get: (path: string) => Effect.Effect<unknown, RequestFailed>
  readonly post: (path: string, body: object) => Effect.Effect<unknown, RequestFailed>
}

/** Connections are kept and shared by everything of the process that speaks to GPU workers. */
export const httpClient: Layer.Layer<HttpClient.HttpClient> = NodeHttpClient.layerUndici

/** Refusals of what was sent. 424 is TEI's word for a model that failed on it. */
const rejections = new Set([400, 413, 422, 424])

const kindOf = (status: number): RequestFailed["kind"] =>
  rejections.has(status)
    ? "rejected"
    : status === 429
    ? "overloaded"
    : status === 408 || status >= 500
    ? "down"
    : "refused"

/** Of an error's text as much as a person reads. */
const maxComplaint = 300

/** The message in an error's body: `{error, error_type}` (TEI), `{error: {message}}` (OpenAI), `{message}`, `{detail}`, or text. */
const complaintOf = (text: string): string => {
  const found = messageIn(parsed(text)) ?? text.trim()
  return found.length > maxComplaint ? `${found.slice(0, maxComplaint)}…` : found
}

const messageIn = (body: unknown): string | undefined => {
  if (typeof body !== "object" || body === null) return undefined
  for (const key of ["error", "message", "detail"] as const) {
    const value: unknown = Reflect.get(body, key)
    if (typeof value === "string") return value
    const nested = messageIn(value)
    if (nested !== undefined) return nested
  }
  return undefined
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const down = (detail: string) => new RequestFailed({ kind: "down", detail })

/** Every request is bounded in time, every answer in size; every failure is of a known kind. */
export const makeHttp = Effect.fnUntraced(function*(
  { apiKey, maxResponseBytes = 64 * 1_024 * 1_024, timeout, url }: HttpOptions
): Effect.fn.Return<Http, never, HttpClient.HttpClient> {
  const client = yield* HttpClient.HttpClient
  const base = `${url.origin}${url.pathname.replace(/\/+$/, "")}`

  const read = ({ stream }: HttpClientResponse.HttpClientResponse, limit: number) =>
    stream.pipe(
      Stream.mapError(() => down("the answer broke off")),
      Stream.runFoldEffect(
        () => ({ chunks: [] as Array<Uint8Array>, size: 0 }),
        ({ chunks, size }, chunk) => {
          const total = size + chunk.length
          if (total > limit) return Effect.fail(down(`the answer is larger than ${limit} bytes`))
          chunks.push(chunk)
          return Effect.succeed({ chunks, size: total })
        }
      ),
      Effect.map(({ chunks }) => Buffer.concat(chunks).toString("utf8"))
    )

  const refusal = Effect.fnUntraced(function*(name: string, response: HttpClientResponse.HttpClientResponse) {
    const text = yield* Effect.orElseSucceed(read(response, 64 * 1_024), () => "")
    const wait = retryAfter(response.headers, yield* Clock.currentTimeMillis)
    return yield* new RequestFailed({
      kind: kindOf(response.status),
      detail: `${name} answered ${response.status}: ${complaintOf(text) || "nothing more"}`,
      ...(wait !== undefined && { retryAfterMs: wait })
    })
  })

  const send = (method: "GET" | "POST", path: string, body: object | undefined) => {
    const name = `${method} ${base}${path}`
    const plain = HttpClientRequest.make(method)(`${base}${path}`).pipe(HttpClientRequest.acceptJson)
    const known = apiKey === undefined ? plain : HttpClientRequest.bearerToken(plain, apiKey)
    const request = body === undefined
      ? known
      : HttpClientRequest.bodyText(known, JSON.stringify(body), "application/json")
    return client.execute(request).pipe(
      // Its own words could hold the request, and the request the key.
      Effect.mapError((error) => down(`${name} failed: ${reasonOf(error)}`)),
      Effect.flatMap((response) =>
        response.status >= 200 && response.status < 300 ? read(response, maxResponseBytes) : refusal(name, response)
      ),
      Effect.flatMap((text) => {
        const value = parsed(text)
        return value === undefined
          ? Effect.fail(down(`${name} answered something that is not JSON`))
          : Effect.succeed(value)
      }),
      Effect.timeoutOrElse({
        duration: timeout,
        orElse: () =>
          Effect.fail(down(`${name} took longer than ${Duration.format(Duration.fromInputUnsafe(timeout))}`))
      })
    )
  }

  return { get: (path) => send("GET", path, undefined), post: (path, body) => send("POST", path, body) }
})

/** The system's word for what happened, such as ECONNREFUSED. */
const reasonOf = (error: unknown): string => {
  for (let at = error, depth = 0; typeof at === "object" && at !== null && depth < 5; depth++) {
    const code: unknown = Reflect.get(at, "code")
    if (typeof code === "string") return code
    at = Reflect.get(at, "cause") ?? Reflect.get(at, "reason")
  }
  return "no connection"
}
