import { BlobStoreError } from "@sheaf/adapters/blobs/BlobStore"
import type { IfSame } from "@sheaf/domain/documents/DocumentsRpcs"
import type { DatasetId, DocumentId, UploadId } from "@sheaf/domain/ids"
import { Uploads } from "@sheaf/server/documents/uploads/Uploads"
import { Effect, Stream } from "effect"
import { type Actor, Refused } from "../world/Actor.ts"

// What most scenarios have to do.

export const dataset = ({ call, client, once }: Actor, name = "kept") =>
  Effect.map(call(client.DatasetsCreate({ name, ...once(`dataset ${name}`) })), ({ id }) => id)

/** Some paragraphs, none like another. */
export const text = (name: string, paragraphs = 3) =>
  Array.from(
    { length: paragraphs },
    (_, at) => `# Part ${at + 1} of ${name}\n\nThe ${name} tells of watch ${at + 1}: anchors, sails and ${name}${at}.`
  ).join("\n\n")

export const ingest = (
  { call, client, once }: Actor,
  datasetId: DatasetId,
  name = "log",
  body = text(name),
  ifSame: IfSame = "reuse"
) =>
  Effect.map(
    call(client.DocumentsIngestText({
      datasetId,
      name: `${name}.md`,
      text: body,
      mediaType: "text/markdown",
      ifSame,
      ...once(`ingest ${name}`)
    })),
    ({ documentId }) => documentId
  )

const failed = (error: { readonly _tag: string }) => new Refused({ tag: error._tag, message: String(error) })

/** The store may refuse for the moment, where a purge takes away what is being written: clients then look where they stand. */
const again = (defect: unknown) =>
  defect instanceof BlobStoreError && defect.isRetryable
    ? Effect.succeed({ _tag: "Again" } as const)
    : Effect.die(defect)

/** Sends the bytes of an upload from where it stands, in two pieces, as a client does that may have been cut off. */
export const send = ({ life, tenant }: Actor, uploadId: UploadId, bytes: Uint8Array) =>
  life.inside(Effect.gen(function*() {
    const uploads = yield* Uploads
    const half = Math.ceil(bytes.length / 2)
    for (;;) {
      const now = yield* uploads.standing(tenant.caller, { uploadId })
      if (now._tag === "Finished") return now.accepted.documentId
      const { offset } = now.upload
      const end = offset < half ? half : bytes.length
      const received = yield* uploads.receive(tenant.caller, {
        uploadId,
        offset,
        length: end - offset,
        isLast: end === bytes.length,
        bytes: Stream.succeed(bytes.subarray(offset, end))
      }).pipe(Effect.catchDefect(again))
      if (received._tag === "Finished") return received.accepted.documentId
    }
  })).pipe(
    Effect.mapError(failed),
    Effect.annotateLogs({ stage: "Upload" })
  )

export const upload = Effect.fnUntraced(
  function*(actor: Actor, datasetId: DatasetId, file: { readonly name: string; readonly bytes: Uint8Array }) {
    const { call, client, once } = actor
    const { uploadId } = yield* call(
      client.DocumentsUpload({ datasetId, name: file.name, size: file.bytes.length, ...once(`upload ${file.name}`) })
    )
    return yield* send(actor, uploadId, file.bytes)
  }
)

/** Fails the pipeline for good: no parser reads it. */
export const unreadable = Buffer.from("%PDF-1.7\nnothing of a PDF follows")

export type Ingested = { readonly datasetId: DatasetId; readonly documentId: DocumentId }

/** A document that is served. */
export const published = (actor: Actor, name = "log", into?: DatasetId) =>
  // Where the operation takes away what it lies in, nobody could publish it again.
  actor.remember(
    `published ${name}`,
    Effect.gen(function*() {
      const datasetId = into ?? (yield* dataset(actor))
      const documentId = yield* ingest(actor, datasetId, name)
      yield* actor.rest
      return { datasetId, documentId } satisfies Ingested
    })
  )

/** The same with one of its segments. */
export const target = Effect.fnUntraced(function*(actor: Actor) {
  const document = yield* published(actor)
  const segmentId = yield* actor.remember(
    "segment",
    Effect.map(actor.call(actor.client.SegmentsList({ documentId: document.documentId })), ({ items }) => items[0]!.id)
  )
  return { ...document, segmentId }
})
