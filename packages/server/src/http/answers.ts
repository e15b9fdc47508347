import { type ApiError, errorFacts } from "@sheaf/domain/errors"
import { Effect } from "effect"
import { HttpServerResponse } from "effect/http"
import { measured } from "../edge/metrics.ts"
import { scrub } from "../edge/scrub.ts"

/** An error as it is told outside RPC: its tag, what to do, whether to try again, and its own fields. */
export const describe = (error: ApiError) => {
  const { _tag: tag, ...fields } = error
  return { tag, message: error.message, retryable: errorFacts[tag].retryable, ...fields }
}

/** What an error says in HTTP's own words. */
export const headersOf = (error: ApiError): Readonly<Record<string, string>> => {
  switch (error._tag) {
    case "Unauthorized":
      return { "www-authenticate": "Bearer realm=\"sheaf\"" }
    case "RateLimited":
      return { "retry-after": String(Math.max(1, Math.ceil(error.retryAfterMs / 1_000))) }
    case "Unavailable":
      return { "retry-after": String(Math.max(1, Math.ceil((error.retryAfterMs ?? 1_000) / 1_000))) }
    case "UploadOffsetMismatch":
      return { "upload-offset": String(error.offset) }
    default:
      return {}
  }
}

/** Nothing that this server says may be taken for something else, or kept by anybody in between. */
export const plainHeaders = { "cache-control": "no-store", "x-content-type-options": "nosniff" } as const

const errorAnswer = (error: ApiError): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.jsonUnsafe({ error: describe(error) }, {
    status: errorFacts[error._tag].status,
    headers: { ...plainHeaders, ...headersOf(error) }
  })

/** A plain route: its errors are answered in JSON with their status, its defects scrubbed, its calls counted. */
export const answering = (operation: string) =>
<E extends ApiError, R>(
  route: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>
): Effect.Effect<HttpServerResponse.HttpServerResponse, never, R> =>
  route.pipe(
    scrub(operation),
    measured(operation),
    Effect.catch((error: ApiError) => Effect.succeed(errorAnswer(error)))
  )
