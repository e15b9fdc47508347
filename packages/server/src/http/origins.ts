import { onBehalfOfHeader } from "@sheaf/domain/edge/onBehalfOf"
import { HttpMiddleware, HttpRouter } from "effect/http"
import { Layer } from "effect"

/** The pages that may talk to this server. */
export interface Origins {
  readonly allows: (origin: string) => boolean
  readonly isEmpty: boolean
}

export const makeOrigins = (allowed: ReadonlyArray<string>): Origins => ({
  allows: (origin) => allowed.includes("*") || allowed.includes(origin),
  isEmpty: allowed.length === 0
})

/** Lets pages of the allowed origins call the plain routes. Without any, no header says anything about other origins. */
export const cors = (origins: Origins) =>
  origins.isEmpty ? Layer.empty : HttpRouter.middleware(
    HttpMiddleware.cors({
      allowedOrigins: origins.allows,
      allowedMethods: ["GET", "HEAD", "POST", "PATCH"],
      allowedHeaders: [
        "authorization",
        "traceparent",
        "content-type",
        "idempotency-key",
        onBehalfOfHeader,
        "upload-complete",
        "upload-offset",
        "range",
        "if-none-match",
        "if-range"
      ],
      exposedHeaders: [
        "content-disposition",
        "content-range",
        "etag",
        "location",
        "retry-after",
        "upload-complete",
        "upload-expires",
        "upload-length",
        "upload-offset"
      ],
      maxAge: 600
    }),
    { global: true }
  )
