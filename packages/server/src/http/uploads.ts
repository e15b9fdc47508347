import { Accepted, IfNameExists, IfSame, Upload, WaitMs } from "@sheaf/domain/documents/DocumentsRpcs"
import type { RateName } from "@sheaf/domain/admin/Limits"
import { Metadata } from "@sheaf/domain/documents/Metadata"
import { BadRequest } from "@sheaf/domain/edge/errors"
import { DatasetId, Sha256, UploadId } from "@sheaf/domain/ids"
import { Lane } from "@sheaf/domain/jobs/Job"
import { RunSettings } from "@sheaf/domain/runs/RunSettings"
import { Clock, Effect, Layer, Metric, Schema, Stream } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { Arrivals } from "../documents/Arrivals.ts"
import { type Received, Uploads } from "../documents/uploads/Uploads.ts"
import { Gate } from "../edge/Gate.ts"
import { uploadAnswerSeconds, uploadedBytes } from "../edge/metrics.ts"
import { answering, plainHeaders } from "./answers.ts"
import { bodyOf, bytesHeader, decode, pathParameter } from "./requests.ts"

const uploadId = pathParameter("uploadId", UploadId)
const datasetId = pathParameter("datasetId", DatasetId)

/** What `POST /datasets/{datasetId}/documents` takes besides the bytes. */
const Query = Schema.Struct({
  name: Schema.String.check(Schema.isBetweenLength(1, 4_096)),
  ifSame: Schema.optionalKey(IfSame),
  ifNameExists: Schema.optionalKey(IfNameExists),
  lane: Schema.optionalKey(Lane),
  metadata: Schema.optionalKey(Schema.fromJsonString(Metadata)),
  settings: Schema.optionalKey(Schema.fromJsonString(RunSettings)),
  sha256: Schema.optionalKey(Sha256),
  waitMs: Schema.optionalKey(Schema.FiniteFromString.pipe(Schema.decodeTo(WaitMs)))
})
const decodeQuery = decode("the query", Schema.Unknown.pipe(Schema.decodeTo(Schema.toCodecJson(Query))))

const decodeKey = decode(
  "Idempotency-Key",
  Schema.Unknown.pipe(Schema.decodeTo(Schema.UndefinedOr(Schema.String.check(Schema.isBetweenLength(1, 200)))))
)

const encodeUpload = Schema.encodeSync(Schema.toCodecJson(Upload))
const encodeAccepted = Schema.encodeSync(Schema.toCodecJson(Accepted))

/** Counts the bytes of a body, and knows when the last one came. */
const metered = (bytes: Stream.Stream<Uint8Array, BadRequest>) => {
  let end: number | undefined
  return {
    bytes: bytes.pipe(
      Stream.tap((chunk) => Metric.update(uploadedBytes, chunk.length)),
      Stream.onEnd(Effect.map(Clock.currentTimeMillis, (now) => {
        end = now
      }))
    ),
    answered: Effect.flatMap(
      Clock.currentTimeMillis,
      (now) => end === undefined ? Effect.void : Metric.update(uploadAnswerSeconds, (now - end) / 1_000)
    )
  }
}

const finished = (accepted: Accepted, offset: number, status: number) =>
  HttpServerResponse.jsonUnsafe(encodeAccepted(accepted), {
    status,
    headers: {
      ...plainHeaders,
      "upload-offset": String(offset),
      "upload-complete": "?1",
      location: `/documents/${accepted.documentId}/content`
    }
  })

const standingHeaders = ({ expiresAt, offset }: Upload, size: number | null) => ({
  ...plainHeaders,
  "upload-offset": String(offset),
  "upload-complete": "?0",
  "upload-expires": expiresAt.toUTCString(),
  ...(size !== null && { "upload-length": String(size) })
})

const afterPiece = (received: Received) =>
  received._tag === "Finished"
    ? finished(received.accepted, received.offset, 201)
    : HttpServerResponse.empty({ status: 204, headers: standingHeaders(received.upload, null) })

/** Bytes of documents by plain HTTP: in pieces that can be resumed, or whole. */
export const layer = Layer.effectDiscard(Effect.gen(function*() {
  const gate = yield* Gate
  const router = yield* HttpRouter.HttpRouter
  const arrivals = yield* Arrivals
  const uploads = yield* Uploads

  const admit = (request: HttpServerRequest.HttpServerRequest, operation: string, rate?: RateName) =>
    gate.admit(request.headers, { operation, scope: "write", ...(rate !== undefined && { rate }) })

  // HEAD is answered by the same route, without the body.
  yield* router.add("GET", "/uploads/:uploadId", (request) =>
    Effect.gen(function*() {
      const caller = yield* admit(request, "UploadsGet")
      const { size, ...standing } = yield* uploads.standing(caller, { uploadId: yield* uploadId })
      return standing._tag === "Finished"
        ? finished(standing.accepted, standing.offset, 200)
        : HttpServerResponse.jsonUnsafe(encodeUpload(standing.upload), {
          headers: standingHeaders(standing.upload, size)
        })
    }).pipe(answering("UploadsGet")))

  yield* router.add("PATCH", "/uploads/:uploadId", (request) =>
    Effect.gen(function*() {
      const caller = yield* admit(request, "UploadsPatch")
      const offset = yield* bytesHeader(request, "upload-offset")
      if (offset === undefined) return yield* new BadRequest({ reason: "the header Upload-Offset is missing" })
      const body = metered(bodyOf(request))
      const received = yield* uploads.receive(caller, {
        uploadId: yield* uploadId,
        offset,
        length: yield* bytesHeader(request, "content-length"),
        isLast: request.headers["upload-complete"] === "?1",
        bytes: body.bytes
      })
      yield* body.answered
      return afterPiece(received)
    }).pipe(answering("UploadsPatch")))

  yield* router.add("POST", "/datasets/:datasetId/documents", (request) =>
    Effect.gen(function*() {
      const caller = yield* admit(request, "DocumentsCreate", "uploadsPerMinute")
      if (request.headers["content-type"]?.startsWith("multipart/")) {
        return yield* new BadRequest({ reason: "send the bytes themselves, not a form: curl --data-binary @FILE" })
      }
      const idempotencyKey = yield* decodeKey(request.headers["idempotency-key"])
      const body = metered(bodyOf(request))
      const { waitMs = 0, ...wishes } = yield* decodeQuery(yield* HttpServerRequest.ParsedSearchParams)
      const created = yield* uploads.create(caller, {
        ...wishes,
        datasetId: yield* datasetId,
        length: yield* bytesHeader(request, "content-length"),
        ...(idempotencyKey !== undefined && { idempotencyKey }),
        bytes: body.bytes
      })
      yield* body.answered
      const accepted = yield* arrivals.waited(caller, created, waitMs)
      return HttpServerResponse.jsonUnsafe(encodeAccepted(accepted), {
        status: accepted.reused ? 200 : 201,
        headers: { ...plainHeaders, location: `/documents/${accepted.documentId}/content` }
      })
    }).pipe(answering("DocumentsCreate")))
}))
