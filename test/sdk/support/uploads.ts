import { UploadId } from "@sheaf/domain/ids"
import { Effect, Layer, Stream } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { createHash } from "node:crypto"
import { contentHash, dataset, document, documentId, runId } from "./samples.ts"
import type { Handlers, Script } from "./ScriptedServer.ts"

const uploadId = UploadId.make("01900000-0000-7000-8000-0000000000aa")

/** Uploads as the server takes them: what arrived stays, also of a piece that broke off. */
export const makeUploads = () => {
  const hash = createHash("sha256")
  const state = { offset: 0, size: undefined as number | undefined, begun: 0, pieces: 0, name: "", finished: false }
  const accepted = { documentId, runId, contentHash, reused: false }
  const answer = () =>
    state.finished
      ? HttpServerResponse.jsonUnsafe(accepted, {
        status: 201,
        headers: { "upload-offset": String(state.offset), "upload-complete": "?1" }
      })
      : HttpServerResponse.empty({
        status: 204,
        headers: { "upload-offset": String(state.offset), "upload-complete": "?0" }
      })
  const refusal = (tag: string, status: number, fields: object) =>
    HttpServerResponse.jsonUnsafe({ error: { tag, message: tag, ...fields } }, { status })

  const routes = Layer.mergeAll(
    HttpRouter.add("GET", "/uploads/:uploadId", Effect.sync(answer)),
    HttpRouter.add("PATCH", "/uploads/:uploadId", (request) =>
      Effect.gen(function*() {
        if (state.begun === 0) return refusal("UploadNotFound", 404, { uploadId })
        if (state.finished) return answer()
        if (Number(request.headers["upload-offset"]) !== state.offset) {
          return refusal("UploadOffsetMismatch", 409, { uploadId, offset: state.offset })
        }
        state.pieces++
        yield* Stream.runForEach(request.stream, (bytes) =>
          Effect.sync(() => {
            hash.update(bytes)
            state.offset += bytes.length
          }))
        state.finished = request.headers["upload-complete"] === "?1"
        return answer()
      }).pipe(Effect.orElseSucceed(() => HttpServerResponse.empty({ status: 500 }))))
  )
  const handlers: Partial<Handlers> = {
    DatasetsList: () => Effect.succeed({ items: [dataset("manuals")] }),
    DocumentsUpload: ({ name, size }) =>
      Effect.sync(() => {
        state.begun++
        state.name = name
        state.size = size
        return { uploadId, documentId, offset: 0, maxBytes: 1e12, expiresAt: document().createdAt }
      }),
    DocumentsGet: () => Effect.succeed(document())
  }
  const script: Script = { handlers, routes }
  return { script, state, sha256: () => hash.digest("hex") }
}
