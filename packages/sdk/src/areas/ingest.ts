import type { Document, DocumentProgress } from "@sheaf/domain/documents/Document"
import type { Accepted } from "@sheaf/domain/documents/DocumentsRpcs"
import type { DatasetId, DocumentId, Sha256 } from "@sheaf/domain/ids"
import { Effect } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { Endpoint } from "../connection/Endpoint.ts"
import type { CallError } from "../connection/rpc.ts"
import type { MutationOptions } from "../options.ts"
import type { ReplaceOptions } from "./documentDetails.ts"
import type { Feed } from "../streams/Feed.ts"
import { type Seen, watch, type WatchError } from "../streams/watch.ts"
import { openSource } from "../upload/openSource.ts"
import type { Source, TextSource } from "../upload/Source.ts"
import type { UploadError, Uploads, UploadTarget, UploadToDataset, UploadToDocument } from "../upload/Uploads.ts"
import type { ByName, Datasets } from "./Datasets.ts"
import type { DoneOptions, IngestOptions } from "./Documents.ts"
import { done, type DoneError } from "./done.ts"
import { passwordOf } from "./passwordOf.ts"

export type ReplaceError = CallError<"DocumentsReplace">

export type IngestError = UploadError | CallError<"DocumentsIngestText"> | ByName

/** A document that was durably accepted: it will be built, whatever becomes of this client. */
export interface IngestedDocument {
  readonly id: string
  readonly runId: string | null
  readonly contentHash: string
  /** It was there before. */
  readonly reused: boolean
  readonly done: (options?: DoneOptions) => Effect.Effect<Document, DoneError>
  readonly progress: (options?: { readonly after?: Seen | undefined }) => Feed<DocumentProgress, WatchError>
}

/** What documents are made with. */
export interface Services {
  readonly calls: Calls
  readonly datasets: Datasets
  readonly endpoint: Endpoint
  readonly uploads: Uploads
}

export const ingest = Effect.fnUntraced(
  function*(
    services: Services,
    source: Source,
    options: IngestOptions
  ): Effect.fn.Return<IngestedDocument, IngestError> {
    const datasetId = yield* services.datasets.idOf(options.dataset)
    return followed(
      services,
      options,
      isText(source) && fitsOneCall(source.text)
        ? yield* sendText(services, source, datasetId, options)
        : yield* Effect.scoped(
          sendBytes(services, source, { datasetId, ...wishesOf(options), ...passwordOf(options.password) }, options)
        )
    )
  }
)

/** Sends bytes that take the place of a document's. */
export const replaceWith = Effect.fnUntraced(
  function*(
    services: Services,
    documentId: DocumentId,
    source: Source,
    options: ReplaceOptions
  ): Effect.fn.Return<IngestedDocument, IngestError | ReplaceError> {
    const { lane, metadata, name, password } = options
    const target = {
      documentId,
      ...(name && { name }),
      ...(metadata && { metadata }),
      ...(lane && { lane }),
      ...passwordOf(password)
    }
    return followed(services, options, yield* Effect.scoped(sendBytes(services, source, target, options)))
  }
)

type Sending = Pick<IngestOptions, "name" | "sha256" | "onProgress"> & MutationOptions

const followed = (
  services: Services,
  { onProgress }: Sending,
  { contentHash, documentId, reused, runId }: Accepted
): IngestedDocument => {
  onProgress?.({ type: "accepted", documentId, reused })
  return {
    id: documentId,
    runId,
    contentHash,
    reused,
    done: (how) => done(services, documentId, { onProgress, ...how }),
    progress: (how) => watch(services, documentId, how?.after)
  }
}

const isText = (source: Source): source is TextSource =>
  typeof source === "object" && "text" in source && typeof source.text === "string"

const oneCall = 1024 * 1024
const fitsOneCall = (text: string): boolean =>
  text.length * 3 <= oneCall || (text.length <= oneCall && new TextEncoder().encode(text).length <= oneCall)

const sendText = (
  { calls }: Services,
  { mediaType, text }: TextSource,
  datasetId: DatasetId,
  options: IngestOptions
): Effect.Effect<Accepted, IngestError> =>
  calls.mutate("DocumentsIngestText", {
    datasetId,
    name: options.name ?? "text",
    ...wishesOf(options),
    text,
    ...(mediaType && { mediaType })
  }, options)

const sendBytes = Effect.fnUntraced(
  function*(
    { uploads }: Services,
    source: Source,
    target: Omit<UploadToDataset, "name"> | UploadToDocument,
    options: Sending
  ) {
    const open = yield* openSource(source)
    const hash = options.sha256 === undefined ? {} : { sha256: options.sha256 as Sha256 }
    const whole: UploadTarget = "documentId" in target
      ? { ...target, ...hash }
      : { ...target, ...hash, name: options.name ?? open.name ?? "unnamed" }
    const total = open.size ?? null
    const uploading = (sent: number) => options.onProgress?.({ type: "uploading", sent, total })
    uploading(0)
    return yield* uploads.send(open, whole, options, uploading)
  }
)

const wishesOf = ({ ifNameExists, ifSame, lane, metadata, settings }: IngestOptions) => ({
  ...(settings && { settings }),
  ...(metadata && { metadata }),
  ...(ifSame && { ifSame }),
  ...(ifNameExists && { ifNameExists }),
  ...(lane && { lane })
})
