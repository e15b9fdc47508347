import { downloadLinkType } from "@sheaf/domain/documents/DocumentsRpcs"
import { Effect } from "effect"
import { type Endpoint, millis } from "../connection/Endpoint.ts"
import type { Http, HttpError } from "../connection/Http.ts"
import type { CallOptions } from "../options.ts"

interface Limit {
  readonly limitMs?: number
}

export interface Downloads {
  /** The original bytes. The answer's body is a stream: nothing is read until you read it. */
  readonly download: (documentId: string, options?: CallOptions) => Effect.Effect<Response, HttpError>
}

export const makeDownload = (services: { readonly endpoint: Endpoint; readonly http: Http }): Downloads => ({
  download: (documentId, options) =>
    download(services, documentId, options?.timeout === undefined ? {} : { limitMs: millis(options.timeout) })
})

/** The bytes of a document: from where the server says that they can be had, else from the server itself. */
const download = Effect.fnUntraced(
  function*(
    { endpoint, http }: { readonly endpoint: Endpoint; readonly http: Http },
    documentId: string,
    limit: Limit
  ): Effect.fn.Return<Response, HttpError> {
    const path = `/documents/${encodeURIComponent(documentId)}/content`
    const plain = http.send(path, { method: "GET", ...limit })
    if (!http.store.isReachable) return yield* plain
    const answer = yield* http.send(`${path}?as=link`, { method: "GET", ...limit })
    if (!answer.headers.get("content-type")?.startsWith(downloadLinkType)) return answer
    const straight = yield* follow(endpoint, answer, limit)
    if (straight !== null) return straight
    http.store.isReachable = false
    return yield* plain
  }
)

/** `null` where the link leads nowhere from here. It needs none of the server's headers, and gets none. */
const follow = (endpoint: Endpoint, answer: Response, { limitMs = endpoint.connectTimeoutMs }: Limit) =>
  Effect.tryPromise(async (signal) => {
    const { url } = await answer.json() as { readonly url: string }
    const straight = await endpoint.fetch(url, { signal })
    if (straight.ok) return straight
    await straight.body?.cancel()
    return null
  }).pipe(
    Effect.timeoutOrElse({ duration: limitMs, orElse: () => Effect.succeed(null) }),
    Effect.orElseSucceed(() => null)
  )
