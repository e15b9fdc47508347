import { apiVersion } from "@sheaf/domain/apiVersion"
import { Clock, Effect, Schema } from "effect"
import type { Endpoint } from "../connection/Endpoint.ts"
import type { Http, HttpError } from "../connection/Http.ts"
import { pause } from "../connection/pause.ts"
import { type SourceUnreadable, Unreachable, VersionSkew } from "../errors/client.ts"
import { adapted, firstPiece } from "./pieceSize.ts"
import type { OpenSource } from "./Source.ts"

interface Transfer<Answer> {
  readonly http: Http
  readonly endpoint: Endpoint
  readonly source: OpenSource
  /** Where the pieces go. */
  readonly path: string
  /** What the server answers when it has all of them. */
  readonly answer: Schema.Codec<Answer, unknown>
  /** Some of it may have been sent before. */
  readonly begun: boolean
  readonly onSent: (sent: number) => void
}

type TransferError = HttpError | SourceUnreadable | VersionSkew

/** Where an upload stands, or what it has become. */
type Standing<Answer> = { readonly offset: number; readonly accepted?: Answer }

/** Sends pieces until all are there. After a piece that may or may not have arrived it asks where the upload stands. */
export const transfer = Effect.fnUntraced(function*<Answer>(
  options: Transfer<Answer>
): Effect.fn.Return<Answer, TransferError> {
  const { onSent, source } = options
  // A piece may use up all the time of a call and still have brought some bytes across.
  const patience = 2 * options.endpoint.timeoutMs
  let lastStep = yield* Clock.currentTimeMillis
  const until = lastStep + patience
  const start: Standing<Answer> = options.begun
    ? yield* Effect.catchIf(standing(options), canGoOn, (error) => resumed(options, error, { failures: 0, until }))
    : { offset: 0 }
  if (start.accepted) return start.accepted
  let offset = start.offset
  let size = firstPiece
  let failures = 0
  while (true) {
    const piece = yield* source.read(offset, size)
    const began = yield* Clock.currentTimeMillis
    // The time that a slow source took is not the server's.
    if (failures === 0) lastStep = began
    const next: Standing<Answer> = yield* patch(options, offset, piece).pipe(
      Effect.catchIf(canGoOn, (error) =>
        error._tag === "UploadOffsetMismatch" && began < lastStep + patience
          ? Effect.succeed({ offset: error.offset })
          : resumed(options, error, { failures, until: lastStep + patience }))
    )
    const now = yield* Clock.currentTimeMillis
    const sent = next.offset - offset
    failures = sent > 0 ? 0 : failures + 1
    if (sent > 0) lastStep = now
    if (sent > 0 || next.accepted) onSent(next.offset)
    if (next.accepted) return next.accepted
    size = adapted(size, { sent, tookMs: now - began })
    offset = next.offset
  }
})

const canGoOn = (error: TransferError): boolean => error.retryable && error._tag !== "HashMismatch"

/** Waits a moment and asks where the upload stands, again and again until there is an answer or no patience left. */
const resumed = <Answer>(
  options: Transfer<Answer>,
  error: TransferError,
  state: { readonly failures: number; readonly until: number }
): Effect.Effect<Standing<Answer>, TransferError> =>
  Effect.gen(function*() {
    if ((yield* Clock.currentTimeMillis) > state.until) return yield* error
    yield* pause({ operation: "upload", endpoint: options.endpoint, error, failures: state.failures })
    return yield* Effect.catchIf(
      standing(options),
      canGoOn,
      (again) => resumed(options, again, { ...state, failures: state.failures + 1 })
    )
  })

const standing = Effect.fnUntraced(function*<Answer>(
  options: Transfer<Answer>
): Effect.fn.Return<Standing<Answer>, TransferError> {
  const answer = yield* options.http.send(options.path, { method: "GET" })
  const offset = Number(answer.headers.get("upload-offset") ?? Number.NaN)
  if (!Number.isSafeInteger(offset)) return yield* skew
  return answer.headers.get("upload-complete") === "?1"
    ? { offset, accepted: yield* acceptedIn(options, answer) }
    : { offset }
})

const patch = Effect.fnUntraced(function*<Answer>(
  options: Transfer<Answer>,
  offset: number,
  { bytes, last }: { readonly bytes: Uint8Array; readonly last: boolean }
): Effect.fn.Return<Standing<Answer>, TransferError> {
  const answer = yield* options.http.send(options.path, {
    method: "PATCH",
    headers: {
      "content-type": "application/partial-upload",
      "upload-offset": String(offset),
      "upload-complete": last ? "?1" : "?0"
    },
    body: bytes
  })
  const end = offset + bytes.byteLength
  return last ? { offset: end, accepted: yield* acceptedIn(options, answer) } : { offset: end }
})

const acceptedIn = <Answer>(
  { answer: codec, endpoint }: Transfer<Answer>,
  answer: Response
): Effect.Effect<Answer, Unreachable | VersionSkew> =>
  Effect.tryPromise({
    try: () => answer.text(),
    catch: () => new Unreachable({ url: endpoint.url, reason: "the connection was lost" })
  }).pipe(
    Effect.flatMap((text) => Effect.mapError(Schema.decodeEffect(Schema.fromJsonString(codec))(text), () => skew))
  )

const skew = new VersionSkew({ client: apiVersion, server: null })
