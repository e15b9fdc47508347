import { BlobStore, contentKey } from "@sheaf/adapters/blobs/BlobStore"
import { type Content, ContentsRepo } from "@sheaf/adapters/repos/documents/ContentsRepo"
import type { Document } from "@sheaf/domain/documents/Document"
import { DownloadLink, downloadLinkType } from "@sheaf/domain/documents/DocumentsRpcs"
import { DocumentId } from "@sheaf/domain/ids"
import { Effect, Layer, Option, Schema, Stream } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { Documents } from "../documents/Documents.ts"
import { Gate } from "../edge/Gate.ts"
import { answering, plainHeaders } from "./answers.ts"
import { contentDisposition } from "./contentDisposition.ts"
import { partOf } from "./ranges.ts"
import { pathParameter } from "./requests.ts"

const documentId = pathParameter("documentId", DocumentId)

/** Types that no browser runs. Everything else is bytes, whatever it says it is. */
const harmless = new Set(["application/pdf", "text/plain", "text/markdown", "text/csv", "application/json"])

const typeOf = ({ mediaType }: Content): string =>
  mediaType !== null && harmless.has(mediaType) ? mediaType : "application/octet-stream"

const headersOf = (document: Document, { contentHash }: Content) => ({
  etag: `"${contentHash}"`,
  "accept-ranges": "bytes",
  // Other bytes may take their place, and who may read them changes.
  "cache-control": "private, no-cache",
  "content-disposition": contentDisposition(document.name),
  "content-security-policy": "default-src 'none'; sandbox",
  "x-content-type-options": "nosniff"
})

const listed = (header: string | undefined, etag: string): boolean =>
  header !== undefined && header.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag)

const encodeLink = Schema.encodeSync(Schema.toCodecJson(DownloadLink))

/** The original bytes of a document: of its published version, where there is one. */
export const layer = Layer.effectDiscard(Effect.gen(function*() {
  const blobs = yield* BlobStore
  const contents = yield* ContentsRepo
  const documents = yield* Documents
  const gate = yield* Gate
  const router = yield* HttpRouter.HttpRouter

  yield* router.add("GET", "/documents/:documentId/content", (request) =>
    Effect.gen(function*() {
      const caller = yield* gate.admit(request.headers, { operation: "DocumentsContent", scope: "read" })
      const document = yield* documents.get(caller, { documentId: yield* documentId })
      // What is served is what the published version was made of: what hits cite is in it.
      const content = yield* Effect.orDie(
        Effect.flatMap(contents.served(caller.tenantId, document.id), Effect.fromOption)
      )
      const headers = headersOf(document, content)
      if (listed(request.headers["if-none-match"], headers.etag)) {
        return HttpServerResponse.empty({ status: 304, headers })
      }
      const owner = { tenantId: caller.tenantId, datasetId: document.datasetId, documentId: document.id }
      const key = contentKey(owner, content.contentId)
      const { as } = yield* HttpServerRequest.ParsedSearchParams
      if (as === "link" && Option.isSome(blobs.direct)) {
        const link = yield* Effect.orDie(blobs.direct.value.download(key, {
          contentType: typeOf(content),
          contentDisposition: headers["content-disposition"]
        }))
        return HttpServerResponse.jsonUnsafe(encodeLink(link), {
          contentType: downloadLinkType,
          headers: { ...plainHeaders, etag: headers.etag }
        })
      }
      const { size } = content
      const condition = request.headers["if-range"]
      const part = condition === undefined || condition === headers.etag
        ? partOf(request.headers["range"], size)
        : null
      if (part === "unsatisfiable") {
        return HttpServerResponse.empty({ status: 416, headers: { "content-range": `bytes */${size}` } })
      }
      const { end, start } = part ?? { start: 0, end: size }
      // Bytes that cannot be read are found out before the first header is sent.
      yield* Effect.orDie(Effect.flatMap(blobs.size(key), Effect.fromOption))
      return HttpServerResponse.stream(Stream.orDie(blobs.get(key, { start, end })), {
        status: part === null ? 200 : 206,
        contentType: typeOf(content),
        contentLength: end - start,
        headers: part === null ? headers : { ...headers, "content-range": `bytes ${start}-${end - 1}/${size}` }
      })
    }).pipe(answering("DocumentsContent")))
}))
