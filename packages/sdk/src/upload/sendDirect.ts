import type { DirectUpload } from "@sheaf/domain/documents/DocumentsRpcs"
import type { UploadId } from "@sheaf/domain/ids"
import { Clock, Effect } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { Endpoint } from "../connection/Endpoint.ts"
import type { Http } from "../connection/Http.ts"
import { pause } from "../connection/pause.ts"
import { type SourceUnreadable, Unreachable } from "../errors/client.ts"
import { adapted, firstPiece } from "./pieceSize.ts"
import type { OpenSource } from "./Source.ts"

interface Direct {
  readonly calls: Calls
  readonly endpoint: Endpoint
  readonly http: Http
  readonly source: OpenSource
  readonly uploadId: UploadId
  /** What the server takes at most: it is the one to refuse more. */
  readonly maxBytes: number
  readonly onSent: (sent: number) => void
}

/** Failures one after the other, before the bytes take the other way. */
const patience = 3

/**
 * Sends pieces straight to the blob store, as far as that goes: to the end, or to where the store cannot be reached from here (a page
 * that its rules do not admit, a network that it is not part of) or refuses. Never fails for that: the server knows what arrived, and
 * takes the rest.
 */
export const sendDirect = Effect.fnUntraced(function*(options: Direct): Effect.fn.Return<void, SourceUnreadable> {
  const { endpoint, http, onSent, source } = options
  let link = yield* ask(options)
  let offset = link?.offset ?? 0
  let size = firstPiece
  let failures = 0
  let hasWorked = false
  while (link !== null && offset <= options.maxBytes) {
    const { bytes, last } = yield* source.read(offset, Math.min(size, link.maxPieceBytes))
    const began = yield* Clock.currentTimeMillis
    const sent = bytes.byteLength
    // Where nothing has got through yet there may be nobody who will ever answer.
    const limitMs = hasWorked ? endpoint.timeoutMs : endpoint.connectTimeoutMs
    if (sent === 0 || (yield* put({ endpoint, link, offset, bytes, limitMs }))) {
      hasWorked = true
      failures = 0
      offset += sent
      if (sent > 0) onSent(offset)
      if (last) return
      size = adapted(size, { sent, tookMs: (yield* Clock.currentTimeMillis) - began })
    } else {
      http.store.isReachable = hasWorked
      if (!hasWorked || ++failures === patience) return
      const error = new Unreachable({ url: new URL(link.url).origin, reason: "a piece was not taken" })
      yield* pause({ operation: "upload", endpoint, error, failures })
      link = yield* ask(options)
      offset = link?.offset ?? offset
    }
  }
})

/** Also says where the upload stands, after a piece of which that is not known. */
const ask = ({ calls, uploadId }: Direct) =>
  // Whatever is wrong, the other way meets it too, and says so.
  Effect.orElseSucceed(calls.query("DocumentsUploadDirect", { uploadId }), () => null)

/** Whether the piece was taken. Nothing of what the server is told goes there. */
const put = (options: {
  readonly endpoint: Endpoint
  readonly link: DirectUpload
  readonly offset: number
  readonly bytes: Uint8Array
  readonly limitMs: number
}) =>
  Effect.tryPromise(async (signal) => {
    const { bytes, endpoint, link, offset } = options
    const answer = await endpoint.fetch(link.url, {
      method: "PUT",
      signal,
      headers: { [link.offsetHeader]: String(offset) },
      body: bytes as Uint8Array<ArrayBuffer>
    })
    await answer.body?.cancel()
    return answer.ok
  }).pipe(
    Effect.timeoutOrElse({ duration: options.limitMs, orElse: () => Effect.succeed(false) }),
    Effect.orElseSucceed(() => false)
  )
