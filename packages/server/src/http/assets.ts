import { assetKey } from "@sheaf/adapters/blobs/BlobStore"
import type { Asset } from "@sheaf/domain/documents/Asset"
import { DocumentId, Sha256 } from "@sheaf/domain/ids"
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { Assets } from "../documents/Assets.ts"
import { Gate } from "../edge/Gate.ts"
import { answering } from "./answers.ts"
import { contentDisposition } from "./contentDisposition.ts"
import { pathParameter } from "./requests.ts"
import { isKnown, safeHeaders, sendBlob } from "./sendBlob.ts"

const documentId = pathParameter("documentId", DocumentId)
const hash = pathParameter("hash", Sha256)

/** Pictures that are nothing but pictures. An SVG is a page with scripts, and is none. */
const pictures = new Set([
  "image/png",
  "image/jpeg",
  "image/gif",
  "image/webp",
  "image/avif",
  "image/bmp",
  "image/tiff"
])

/** Types that no browser runs. Everything else is bytes, whatever it says it is. */
const harmless = new Set(["application/pdf", "text/plain", "text/markdown", "text/csv", "application/json"])

const typeOf = ({ mediaType }: Asset): string =>
  pictures.has(mediaType) || harmless.has(mediaType) ? mediaType : "application/octet-stream"

/** Pictures are shown, everything else is saved. */
const dispositionOf = ({ hash, mediaType, name }: Asset): string => {
  const attached = contentDisposition(name ?? hash)
  return pictures.has(mediaType) ? attached.replace(/^attachment/, "inline") : attached
}

/** The bytes of pictures and files that were found in documents. They are what strangers put there. */
export const layer = Layer.effectDiscard(Effect.gen(function*() {
  const assets = yield* Assets
  const gate = yield* Gate
  const router = yield* HttpRouter.HttpRouter
  const send = yield* sendBlob

  yield* router.add("GET", "/documents/:documentId/assets/:hash", (request) =>
    Effect.gen(function*() {
      const caller = yield* gate.admit(request.headers, { operation: "AssetsContent", scope: "read" })
      const { asset, owner } = yield* assets.find(caller, { documentId: yield* documentId, hash: yield* hash })
      const etag = `"${asset.hash}"`
      const headers = { ...safeHeaders, "content-disposition": dispositionOf(asset) }
      if (isKnown(request, etag)) return HttpServerResponse.empty({ status: 304, headers: { ...headers, etag } })
      const key = assetKey(owner, asset.hash)
      return yield* send(request, { key, size: asset.size, contentType: typeOf(asset), etag, headers })
    }).pipe(answering("AssetsContent")))
}))
