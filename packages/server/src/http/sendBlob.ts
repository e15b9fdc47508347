import { type BlobKey, BlobStore } from "@sheaf/adapters/blobs/BlobStore"
import { Effect, Stream } from "effect"
import { type HttpServerRequest, HttpServerResponse } from "effect/http"
import { partOf } from "./ranges.ts"

/** Bytes that may change hands: whoever keeps them asks again whether it still may. A browser is to make of them what is said, and no more. */
export const safeHeaders = {
  "accept-ranges": "bytes",
  "cache-control": "private, no-cache",
  "content-security-policy": "default-src 'none'; sandbox",
  "x-content-type-options": "nosniff"
} as const

interface Sent {
  readonly key: BlobKey
  readonly size: number
  readonly contentType: string
  /** Names the bytes. */
  readonly etag: string
  readonly headers: Readonly<Record<string, string>>
}

/** Whether a client has these bytes already (RFC 9110, section 13.1.2). */
export const isKnown = ({ headers }: HttpServerRequest.HttpServerRequest, etag: string): boolean => {
  const header = headers["if-none-match"]
  const isIt = (tag: string) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag
  return header !== undefined && header.split(",").some(isIt)
}

/** Sends a blob, or the part of it that was asked for. */
export const sendBlob = Effect.gen(function*() {
  const blobs = yield* BlobStore
  return Effect.fnUntraced(
    function*(request: HttpServerRequest.HttpServerRequest, { contentType, etag, key, size, ...sent }: Sent) {
      const headers = { ...sent.headers, etag }
      const condition = request.headers["if-range"]
      const part = condition === undefined || condition === etag ? partOf(request.headers["range"], size) : null
      if (part === "unsatisfiable") {
        return HttpServerResponse.empty({ status: 416, headers: { "content-range": `bytes */${size}` } })
      }
      const { end, start } = part ?? { start: 0, end: size }
      // Bytes that cannot be read are found out before the first header is sent.
      yield* Effect.orDie(Effect.flatMap(blobs.size(key), Effect.fromOption))
      return HttpServerResponse.stream(Stream.orDie(blobs.get(key, { start, end })), {
        status: part === null ? 200 : 206,
        contentType,
        contentLength: end - start,
        headers: part === null ? headers : { ...headers, "content-range": `bytes ${start}-${end - 1}/${size}` }
      })
    }
  )
})
