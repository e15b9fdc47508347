import { BlobStore, contentKey } from "@sheaf/adapters/blobs/BlobStore"
import { type Content, ContentsRepo } from "@sheaf/adapters/repos/documents/ContentsRepo"
import type { Document } from "@sheaf/domain/documents/Document"
import { DownloadLink, downloadLinkType } from "@sheaf/domain/documents/DocumentsRpcs"
import { DocumentId } from "@sheaf/domain/ids"
import { Effect, Layer, Option, Schema } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { Documents } from "../documents/Documents.ts"
import { Gate } from "../edge/Gate.ts"
import { answering, plainHeaders } from "./answers.ts"
import { contentDisposition } from "./contentDisposition.ts"
import { pathParameter } from "./requests.ts"
import { isKnown, safeHeaders, sendBlob } from "./sendBlob.ts"

const documentId = pathParameter("documentId", DocumentId)

/** Types that no browser runs. Everything else is bytes, whatever it says it is. */
const harmless = new Set(["application/pdf", "text/plain", "text/markdown", "text/csv", "application/json"])

const typeOf = ({ mediaType }: Content): string =>
  mediaType !== null && harmless.has(mediaType) ? mediaType : "application/octet-stream"

const headersOf = (document: Document, { contentHash }: Content) => ({
  etag: `"${contentHash}"`,
  // Other bytes may take their place, and who may read them changes.
  ...safeHeaders,
  "content-disposition": contentDisposition(document.name)
})

const encodeLink = Schema.encodeSync(Schema.toCodecJson(DownloadLink))

/** The original bytes of a document: of its published version, where there is one. */
export const layer = Layer.effectDiscard(Effect.gen(function*() {
  const blobs = yield* BlobStore
  const contents = yield* ContentsRepo
  const documents = yield* Documents
  const gate = yield* Gate
  const router = yield* HttpRouter.HttpRouter
  const send = yield* sendBlob

  yield* router.add("GET", "/documents/:documentId/content", (request) =>
    Effect.gen(function*() {
      const caller = yield* gate.admit(request.headers, { operation: "DocumentsContent", scope: "read" })
      const document = yield* documents.get(caller, { documentId: yield* documentId })
      // What is served is what the published version was made of: what hits cite is in it.
      const content = yield* Effect.orDie(
        Effect.flatMap(contents.served(caller.tenantId, document.id), Effect.fromOption)
      )
      const headers = headersOf(document, content)
      if (isKnown(request, headers.etag)) {
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
      return yield* send(request, { key, size, contentType: typeOf(content), etag: headers.etag, headers })
    }).pipe(answering("DocumentsContent")))
}))
