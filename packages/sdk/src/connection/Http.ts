import type { ApiError } from "@sheaf/domain/errors"
import { Effect, Predicate } from "effect"
import { apiErrors, BadRequest, type Raised, Unavailable } from "../errors/api.ts"
import { TimedOut, Unreachable } from "../errors/client.ts"
import { callersSpan, traceHeaders } from "./callersSpan.ts"
import type { Endpoint } from "./Endpoint.ts"

export type HttpError = Raised<ApiError> | Unreachable | TimedOut

/** Requests to the plain routes of the server, where bytes travel. Not retried: who sends bytes must first ask how many came. */
export interface Http {
  /** An answer of the 200s; its body is not read. */
  readonly send: (path: string, request: {
    readonly method: "GET" | "PATCH"
    readonly headers?: Record<string, string>
    readonly body?: Uint8Array
    /** Until the answer's head is there, in milliseconds. */
    readonly limitMs?: number
  }) => Effect.Effect<Response, HttpError>
  /** False once a link to the blob store has led nowhere from here: it is not tried again. */
  readonly store: { isReachable: boolean }
}

export const makeHttp = (endpoint: Endpoint): Http => ({
  store: { isReachable: true },
  send: Effect.fnUntraced(function*(path, { body, headers, limitMs = endpoint.timeoutMs, method }) {
    const trace = traceHeaders(yield* callersSpan)
    const answered = yield* Effect.tryPromise({
      try: (signal) =>
        endpoint.fetch(`${endpoint.url}${path}`, {
          method,
          signal,
          headers: { ...endpoint.headers, ...trace, ...headers },
          // Never a view of shared memory: sources give bytes of their own.
          ...(body && { body: body as Uint8Array<ArrayBuffer> })
        }),
      catch: (cause) => new Unreachable({ url: endpoint.url, reason: networkReason(cause) })
    }).pipe(Effect.timeoutOrElse({
      duration: limitMs,
      orElse: () => Effect.fail(new TimedOut({ operation: `${method} ${path}`, limitMs }))
    }))
    if (answered.ok) return answered
    const text = yield* Effect.orElseSucceed(Effect.tryPromise(() => answered.text()), () => "")
    return yield* fromAnswer(answered, text)
  })
})

/** `fetch` keeps the reason in the cause of its error. */
const networkReason = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error && cause.message !== "" ? cause.message : "the connection was lost"
}

/** The typed error in the body of a refusal; without one, whatever the status allows to say. */
const fromAnswer = (response: Response, text: string): Raised<ApiError> => {
  const error = parse(text)
  if (error !== undefined) return error
  const answer = `HTTP ${response.status} ${response.statusText}`.trim()
  return response.status >= 500
    ? new Unavailable({ dependency: `The server (${answer})` })
    : new BadRequest({ reason: text.length > 0 && text.length < 200 ? `${answer}: ${text}` : answer })
}

const parse = (text: string): Raised<ApiError> | undefined => {
  try {
    const { error } = JSON.parse(text) as { readonly error?: unknown }
    if (!Predicate.hasProperty(error, "tag") || !Predicate.isString(error.tag)) return undefined
    if (!Object.hasOwn(apiErrors, error.tag)) return undefined
    const { tag, ...fields } = error
    // The constructor checks the fields, and throws where they do not fit.
    return new apiErrors[tag as keyof typeof apiErrors](fields as never)
  } catch {
    return undefined
  }
}
