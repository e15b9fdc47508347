import { Schema } from "effect"
import { Accepted } from "../documents/DocumentsRpcs.ts"
import { DocumentId } from "../ids.ts"
import { Timestamp } from "../time.ts"
import { IngestEventId } from "./IngestEvent.ts"

/** Why an event did not become a document. None of them goes away by sending the same event again. */
export const IngestRejection = Schema.TaggedUnion({
  /** Not JSON, or not an event. `detail` names the field. */
  Malformed: { detail: Schema.String },
  UnsupportedVersion: { version: Schema.Finite, supported: Schema.Array(Schema.Int) },
  /** The event names another tenant than its subject. */
  TenantMismatch: {},
  UnknownTenant: {},
  TenantSuspended: {},
  /** There is no such dataset that the event may see. */
  DatasetNotFound: { dataset: Schema.String },
  /** Only with the policy `reject`. */
  DocumentExists: { documentId: DocumentId },
  /** Only with the policy `reject` for names. */
  DocumentNameTaken: { documentId: DocumentId, name: Schema.String },
  TooLarge: { limit: Schema.Finite },
  /** The tenant may not have more. */
  QuotaExceeded: { quota: Schema.String, limit: Schema.Finite },
  /** Certainly nothing that can be read. */
  UnsupportedFormat: { detectedType: Schema.String },
  /** The metadata does not fit the fields of the dataset. */
  MetadataInvalid: { detail: Schema.String },
  /** The settings cannot be, or name a pipeline that there is not. */
  SettingsInvalid: { detail: Schema.String },
  HashMismatch: { expected: Schema.String, actual: Schema.String },
  /** The upload or blob that it names is not there, not yet whole, or not for this event. */
  ReferenceNotFound: { reference: Schema.String },
  /** An address that is never fetched. */
  UrlRefused: { detail: Schema.String },
  /** The URL was tried several times, or its server said no. */
  UrlUnfetchable: { detail: Schema.String },
  /** The id belongs to an earlier event with other content. */
  EventIdReused: {},
  /** Our bug: the log has the details under `reference`. */
  Internal: { reference: Schema.String }
})
export type IngestRejection = typeof IngestRejection.Type

/** What became of an event. */
export const IngestOutcome = Schema.TaggedUnion({
  Accepted: Accepted.fields,
  Rejected: { reason: IngestRejection, message: Schema.String }
})
export type IngestOutcome = typeof IngestOutcome.Type

/** The answer to an ingest event, published as an event: the same for every delivery of it. */
export const IngestVerdict = Schema.Struct({
  version: Schema.Literal(1),
  /** As in the subject. */
  tenant: Schema.String,
  eventId: IngestEventId,
  at: Timestamp,
  outcome: IngestOutcome
})
export type IngestVerdict = typeof IngestVerdict.Type

/** The words for a rejection, with what to do about it. Total: a new reason without words does not compile. */
export const explainRejection: (reason: IngestRejection) => string = IngestRejection.match({
  Malformed: ({ detail }) => `The event is malformed: ${detail}`,
  UnsupportedVersion: ({ supported, version }) =>
    `Events of version ${version} are not understood: send version ${supported.join(" or ")}.`,
  TenantMismatch: () => "The event names another tenant than the subject it was published to.",
  UnknownTenant: () => "There is no such tenant: the last token of the subject is the tenant's id.",
  TenantSuspended: () => "The tenant is suspended until an operator resumes it.",
  DatasetNotFound: ({ dataset }) => `There is no dataset ${dataset} that this event may write to.`,
  DocumentExists: ({ documentId }) => `The dataset holds this content already, as document ${documentId}.`,
  DocumentNameTaken: ({ documentId, name }) =>
    `The dataset has a document named ${JSON.stringify(name)} already (${documentId}).`,
  QuotaExceeded: ({ limit, quota }) => `The tenant's limit for ${quota} (${limit}) is reached.`,
  UnsupportedFormat: ({ detectedType }) => `The content is ${detectedType}, which cannot be read.`,
  MetadataInvalid: ({ detail }) => detail,
  SettingsInvalid: ({ detail }) => detail,
  TooLarge: ({ limit }) => `The content is larger than the limit of ${limit} bytes.`,
  HashMismatch: ({ actual, expected }) => `The content has the SHA-256 ${actual}, not the announced ${expected}.`,
  ReferenceNotFound: ({ reference }) => `There is nothing at ${reference} that this event may take.`,
  UrlRefused: ({ detail }) => `The URL is not allowed: ${detail}`,
  UrlUnfetchable: ({ detail }) => `The URL could not be fetched: ${detail}`,
  EventIdReused: () => "The id was used for an event with other content: choose a new one for every event.",
  Internal: ({ reference }) => `Something went wrong on our side. The log has it under reference ${reference}.`
})
