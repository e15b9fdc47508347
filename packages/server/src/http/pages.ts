import { BadRequest } from "@sheaf/domain/edge/errors"
import { DocumentId, SegmentId } from "@sheaf/domain/ids"
import { Effect, Layer, Schema } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { Pages } from "../documents/Pages.ts"
import { Gate } from "../edge/Gate.ts"
import { answering } from "./answers.ts"
import { contentDisposition } from "./contentDisposition.ts"
import { decode, pathParameter } from "./requests.ts"

const documentId = pathParameter("documentId", DocumentId)

const decodeSegments = decode(
  "segments",
  Schema.Unknown.pipe(Schema.decodeTo(Schema.Array(SegmentId).check(Schema.isBetweenLength(1, 50))))
)

/** What a browser is to make of bytes that come from strangers: nothing but what they are said to be. */
const headers = {
  "cache-control": "private, no-cache",
  "content-security-policy": "default-src 'none'; sandbox",
  "x-content-type-options": "nosniff"
} as const

/** Pages of documents: those that hits cite, and a picture of the first. */
export const layer = Layer.effectDiscard(Effect.gen(function*() {
  const gate = yield* Gate
  const pages = yield* Pages
  const router = yield* HttpRouter.HttpRouter

  yield* router.add("GET", "/documents/:documentId/cited-pages", (request) =>
    Effect.gen(function*() {
      const caller = yield* gate.admit(request.headers, { operation: "DocumentsCitedPages", scope: "read" })
      const { segments } = yield* HttpServerRequest.ParsedSearchParams
      if (segments === undefined) {
        return yield* new BadRequest({ reason: "name the segments: ?segments=ID,ID" })
      }
      const { bytes, name } = yield* pages.cited(caller, {
        documentId: yield* documentId,
        segmentIds: yield* decodeSegments([segments].flat().flatMap((ids) => ids.split(",")))
      })
      return HttpServerResponse.uint8Array(bytes, {
        contentType: "application/pdf",
        headers: { ...headers, "content-disposition": contentDisposition(name) }
      })
    }).pipe(answering("DocumentsCitedPages")))

  yield* router.add("GET", "/documents/:documentId/thumbnail", (request) =>
    Effect.gen(function*() {
      const caller = yield* gate.admit(request.headers, { operation: "DocumentsThumbnail", scope: "read" })
      const { bytes, etag } = yield* pages.thumbnail(caller, { documentId: yield* documentId })
      return request.headers["if-none-match"] === etag
        ? HttpServerResponse.empty({ status: 304, headers: { ...headers, etag } })
        : HttpServerResponse.uint8Array(bytes, { contentType: "image/webp", headers: { ...headers, etag } })
    }).pipe(answering("DocumentsThumbnail")))
}))
