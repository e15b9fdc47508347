import type { NotionError, NotionUnauthorized } from "@sheaf/adapters/notion/errors"
import { SourceRefused, SourceUnavailable } from "@sheaf/domain/connections/errors"

/** What a caller is told of a call to Notion that came to nothing. That the token is refused is another matter. */
export const sourceFailed = (
  error: Exclude<NotionError, NotionUnauthorized>
): SourceRefused | SourceUnavailable => {
  const detail = error.message
  switch (error._tag) {
    case "NotionRestricted":
      return new SourceRefused({ problem: "restricted", detail })
    case "NotionNotFound":
      return new SourceRefused({ problem: "notFound", detail })
    case "NotionInvalid":
      return new SourceRefused({ problem: "invalid", detail })
    case "NotionTooLarge":
      return new SourceRefused({ problem: "tooLarge", detail })
    case "NotionRateLimited":
      return new SourceUnavailable({ problem: "rateLimited", detail, retryAfterMs: error.retryAfterMs })
    case "NotionUnavailable":
      return new SourceUnavailable({ problem: "unavailable", detail })
    case "NotionTimedOut":
      return new SourceUnavailable({ problem: "timedOut", detail })
    case "NotionMalformed":
      return new SourceUnavailable({ problem: "malformed", detail })
  }
}
