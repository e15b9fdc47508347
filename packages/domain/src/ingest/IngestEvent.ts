import { Schema } from "effect"
import { DatasetName } from "../datasets/Dataset.ts"
import { IfNameExists, IfSame } from "../documents/DocumentsRpcs.ts"
import { Metadata } from "../documents/Metadata.ts"
import { OnBehalfOf } from "../edge/Caller.ts"
import { DatasetId, Sha256, TenantId, UploadId } from "../ids.ts"
import { Lane } from "../jobs/Job.ts"
import { RunSettings } from "../runs/RunSettings.ts"

/**
 * Names one event within its tenant, chosen by whoever publishes it: the same id is the same event, however often it is sent. Part of
 * a subject, so it is one token of it.
 */
export const IngestEventId = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_-]{1,128}$/u)).pipe(
  Schema.brand("IngestEventId")
)
export type IngestEventId = typeof IngestEventId.Type

/** A media type without parameters, such as `text/markdown`. */
export const MediaType = Schema.String.check(
  Schema.isPattern(/^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,127}$/u)
)

/** Where the bytes of a document are: in the event itself, or somewhere that it names. */
export const IngestContent = Schema.Union([
  Schema.Struct({ text: Schema.String }),
  Schema.Struct({ base64: Schema.Uint8ArrayFromBase64 }),
  /** An upload that was begun by `DocumentsUpload` and whose bytes are staged. */
  Schema.Struct({ uploadId: UploadId }),
  /** A blob that the publisher wrote into the tenant's inbox: `<tenant id>/inbox/...`. */
  Schema.Struct({ blob: Schema.String.check(Schema.isBetweenLength(1, 512)) }),
  /** `https://...` or `http://...`, fetched by a worker. */
  Schema.Struct({ url: Schema.String.check(Schema.isBetweenLength(1, 2_048)) })
])
export type IngestContent = typeof IngestContent.Type

/** The version of the event that this release understands. */
export const ingestVersion = 1

/** "Take this document": what other services publish. */
export const IngestEvent = Schema.Struct({
  version: Schema.Literal(ingestVersion),
  eventId: IngestEventId,
  /** The subject says whose event it is; where this is given as well, it must say the same. */
  tenant: Schema.optionalKey(TenantId),
  dataset: Schema.Union([Schema.Struct({ id: DatasetId }), Schema.Struct({ name: DatasetName })]),
  /** What the document is called; cleaned before it is kept. */
  name: Schema.String.check(Schema.isBetweenLength(1, 4_096)),
  content: IngestContent,
  /** As the publisher believes; a hint, for what it is decides the content itself. */
  mediaType: Schema.optionalKey(MediaType),
  /** When given, checked against the bytes. */
  sha256: Schema.optionalKey(Sha256),
  metadata: Schema.optionalKey(Metadata),
  /** Default `reuse`. */
  ifSame: Schema.optionalKey(IfSame),
  /** Default `new`. */
  ifNameExists: Schema.optionalKey(IfNameExists),
  /** `bulk` lets other work go first. Default `interactive`. */
  lane: Schema.optionalKey(Lane),
  /** What the document has of its own: laid over those of the dataset. */
  settings: Schema.optionalKey(RunSettings),
  onBehalfOf: Schema.optionalKey(OnBehalfOf)
})
export type IngestEvent = typeof IngestEvent.Type
