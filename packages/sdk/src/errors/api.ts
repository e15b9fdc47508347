import * as Admin from "@sheaf/domain/admin/errors"
import * as Annotations from "@sheaf/domain/annotations/errors"
import * as Datasets from "@sheaf/domain/datasets/errors"
import * as Documents from "@sheaf/domain/documents/errors"
import * as Previews from "@sheaf/domain/documents/Preview"
import * as Edge from "@sheaf/domain/edge/errors"
import { type ApiError, errorFacts } from "@sheaf/domain/errors"
import * as Events from "@sheaf/domain/events/errors"
import * as Imports from "@sheaf/domain/imports/errors"
import * as Operations from "@sheaf/domain/operations/errors"
import * as Pipelines from "@sheaf/domain/pipelines/errors"
import * as Segments from "@sheaf/domain/segments/errors"
import * as Spaces from "@sheaf/domain/spaces/errors"
import { explained, type Explanation } from "./explained.ts"
import {
  ConnectionExists,
  ConnectionMismatch,
  ConnectionNotFound,
  ConnectionRefused,
  ConnectionUnusable,
  DeliveryNotFound,
  NotSynced,
  SourceRefused,
  SourceUnavailable,
  SubscriptionNotFound,
  SyncItemNotFound,
  SyncNotFound,
  SyncOver,
  SyncSourceNotFound,
  WebhookDisabled,
  WebhookNotFound,
  WebhookUrlRefused
} from "./integrations.ts"
import { says } from "./says.ts"

export class DeadLetterNotFound extends explained(
  Admin.DeadLetterNotFound,
  says("DeadLetterNotFound", "Take the ids from `deadLetters.list()`: it shows what is given up now.")
) {}

export class ApiKeyNotFound extends explained(
  Admin.ApiKeyNotFound,
  says("ApiKeyNotFound", "Take the id from `keys.list()`: a key's id is not its secret.")
) {}

export class AnnotationNotFound extends explained(
  Annotations.AnnotationNotFound,
  says("AnnotationNotFound", "Take the id from `annotations.list({ appId })`.")
) {}

export class AppArchived extends explained(
  Annotations.AppArchived,
  says("AppArchived", "Take it back with `apps.unarchive(id)`.")
) {}

export class AppNameTaken extends explained(
  Annotations.AppNameTaken,
  says("AppNameTaken", "Use the one that exists, or choose another name.")
) {}

export class AppNotAnswering extends explained(
  Annotations.AppNotAnswering,
  says(
    "AppNotAnswering",
    "Switch it on with `apps.setReply(id, { enabled: true })`, or take it back with `apps.unarchive(id)`."
  )
) {}

export class AppNotFound extends explained(
  Annotations.AppNotFound,
  says("AppNotFound", "Take the id from `apps.list()`.")
) {}

export class AssetNotFound extends explained(
  Documents.AssetNotFound,
  says(
    "AssetNotFound",
    "A newer version of the document may be without it; `documents.assets()` lists what it has now."
  )
) {}

export class BadRequest extends explained(
  Edge.BadRequest,
  says("BadRequest", "Compare the named field with the types of this package.")
) {}

export class CannotShow extends explained(
  Documents.CannotShow,
  says("CannotShow", "Download the original and open it in another program.")
) {}

export class Conflict extends explained(Edge.Conflict, {
  hint: (error) => `Read it again, then send the change with \`ifVersion: ${error.currentVersion}\` if it still holds.`,
  retryable: false
}) {}

export class CursorExpired extends explained(Events.CursorExpired, {
  hint: () =>
    "Ask with `onExpired: \"snapshot\"` to be shown how everything stands, and then what happens from there on.",
  retryable: false
}) {}

export class DatasetNameTaken extends explained(
  Datasets.DatasetNameTaken,
  says("DatasetNameTaken", "Use `datasets.ensure(name)` to get the one that exists, or choose another name.")
) {}

export class DatasetNotFound extends explained(
  Datasets.DatasetNotFound,
  says("DatasetNotFound", "Make it with `datasets.ensure(name)`, or take the id from `datasets.list()`.")
) {}

export class DocumentExists extends explained(Documents.DocumentExists, {
  hint: (error) =>
    `Ingest with \`ifSame: "reuse"\` to be given document ${error.documentId}, or with "new" for a second copy.`,
  retryable: false
}) {}

export class DocumentNameTaken extends explained(Documents.DocumentNameTaken, {
  hint: (error) =>
    `Say what should happen with \`ifNameExists\`: "replace" makes these bytes the new version of ${error.documentId}.`,
  retryable: false
}) {}

export class DocumentNotFound extends explained(
  Documents.DocumentNotFound,
  says("DocumentNotFound", "It may have been deleted; `documents.list({ dataset })` shows what is there.")
) {}

export class Forbidden extends explained(Edge.Forbidden, {
  hint: (error) => `Use a key with the scope "${error.needs}"; an administrator makes one with \`keys.create()\`.`,
  retryable: false
}) {}

export class HashMismatch extends explained(
  Documents.HashMismatch,
  says("HashMismatch", "Check that the announced hash is that of these bytes, then ingest again.")
) {}

export class CannotPreview extends explained(
  Previews.CannotPreview,
  says("CannotPreview", "`documents.run(id, { settings })` parses and cuts it with them.")
) {}

export class IdempotencyKeyReused extends explained(
  Edge.IdempotencyKeyReused,
  says("IdempotencyKeyReused", "Leave `idempotencyKey` out to have a new one made, or send the same request again.")
) {}

export class ImportNotFound extends explained(
  Imports.ImportNotFound,
  says("ImportNotFound", "Imports go 30 days after they are over; `imports.list()` shows those that are there.")
) {}

export class ImportOver extends explained(
  Imports.ImportOver,
  says("ImportOver", "What it has done stays; begin another one for the rest.")
) {}

export class InternalError extends explained(Edge.InternalError, {
  hint: (error) => `Send the reference ${error.reference} to whoever runs the server.`,
  retryable: errorFacts.InternalError.retryable,
  requestId: (error) => error.reference
}) {}

export class MetadataInvalid extends explained(
  Documents.MetadataInvalid,
  says("MetadataInvalid", "Compare the named fields with the dataset's `fields`.")
) {}

export class OperationNotFound extends explained(
  Operations.OperationNotFound,
  says("OperationNotFound", "Take the id from `operations.list()`; operations are kept for 30 days.")
) {}

export class OperationOver extends explained(
  Operations.OperationOver,
  says("OperationOver", "Nothing is left to cancel: `operations.items(id)` says what became of each document.")
) {}

export class PipelineInUse extends explained(
  Pipelines.PipelineInUse,
  says("PipelineInUse", "Give the datasets and documents that it names another one, and wait for the runs.")
) {}

export class PipelineInvalid extends explained(
  Pipelines.PipelineInvalid,
  says("PipelineInvalid", "`problems` names each step, its field and what that may be.")
) {}

export class PipelineNameTaken extends explained(
  Pipelines.PipelineNameTaken,
  says("PipelineNameTaken", "Change the one that exists with `pipelines.update()`, or choose another name.")
) {}

export class PipelineNotFound extends explained(
  Pipelines.PipelineNotFound,
  says("PipelineNotFound", "Take the id from `pipelines.list()`.")
) {}

export class QuotaExceeded extends explained(
  Edge.QuotaExceeded,
  says("QuotaExceeded", "Delete what is no longer needed, or ask your operator for a higher limit.")
) {}

export class RateLimited extends explained(
  Edge.RateLimited,
  says("RateLimited", "Wait for `retryAfterMs`, call less often, or ask your operator for a higher limit.")
) {}

export class SegmentNotFound extends explained(
  Segments.SegmentNotFound,
  says("SegmentNotFound", "A newer version of the document may have replaced it; search again.")
) {}

export class SpaceChangeConflict extends explained(Spaces.SpaceChangeConflict, {
  hint: ({ allowed }) =>
    allowed.length > 0 ? `Choose one of: ${allowed.join(", ")}.` : "Look at it with `spaceChanges.list({ dataset })`.",
  retryable: false
}) {}

export class SpaceChangeNotFound extends explained(
  Spaces.SpaceChangeNotFound,
  says("SpaceChangeNotFound", "Take the id from `spaceChanges.list({ dataset })`.")
) {}

export class SpaceNotServed extends explained(
  Spaces.SpaceNotServed,
  says("SpaceNotServed", "Configure an embedder of that space, or leave `spaceId` out.")
) {}

export class StateConflict extends explained(
  Documents.StateConflict,
  says("StateConflict", "Look at the document's `status` first, or wait for `documents.done(id)`.")
) {}

export class TenantDeleting extends explained(
  Edge.TenantDeleting,
  says("TenantDeleting", "Nothing can be done with it any more; `tenants.removals()` says how far it is.")
) {}

export class TenantProtected extends explained(
  Admin.TenantProtected,
  says("TenantProtected", "Delete it with an operator key of another tenant; the one of the first key stays.")
) {}

export class TenantNameTaken extends explained(
  Admin.TenantNameTaken,
  says("TenantNameTaken", "Choose another name, or find the tenant with `tenants.list()`.")
) {}

export class TenantNotFound extends explained(
  Admin.TenantNotFound,
  says("TenantNotFound", "Take the id from `tenants.list()`.")
) {}

export class TenantSuspended extends explained(
  Edge.TenantSuspended,
  says("TenantSuspended", "Ask an operator to resume the tenant.")
) {}

export class TextTooLong extends explained(Segments.TextTooLong, {
  hint: ({ limit }) => `Cut the text into segments of at most ${limit} tokens and add them one after the other.`,
  retryable: false
}) {}

export class TooManyImports extends explained(
  Imports.TooManyImports,
  says("TooManyImports", "`imports.list()` shows them; files of a few thousand rows are done in seconds.")
) {}

export class Unauthorized extends explained(Edge.Unauthorized, {
  hint: (error) =>
    error.reason === "missing"
      ? "Pass `key` to `connect`, or set SHEAF_KEY."
      : "Check the key you pass, or ask an administrator for a new one.",
  retryable: false
}) {}

export class Unavailable extends explained(
  Edge.Unavailable,
  says("Unavailable", "Try again in a moment; `/health/ready` of the server says what is missing.")
) {}

export class UnknownOperation extends explained(
  Edge.UnknownOperation,
  says("UnknownOperation", "Install the version of this package that belongs to the server's.")
) {}

export class UnsupportedFormat extends explained(
  Documents.UnsupportedFormat,
  says("UnsupportedFormat", "Convert the file to one of the formats in `supported` and send that.")
) {}

export class UploadNotFound extends explained(
  Documents.UploadNotFound,
  says("UploadNotFound", "Ingest the source again: the bytes of this upload are gone.")
) {}

export class UploadOffsetMismatch extends explained(
  Documents.UploadOffsetMismatch,
  says("UploadOffsetMismatch", "Two clients may be sending the same upload; let one of them finish.")
) {}

export class UploadTooLarge extends explained(
  Documents.UploadTooLarge,
  says("UploadTooLarge", "Split the file, or ask your operator for a higher limit.")
) {}

/** The class of every error that a server can answer. An error of the contract without a class here does not compile. */
export const apiErrors = {
  AnnotationNotFound,
  ApiKeyNotFound,
  AppArchived,
  AppNameTaken,
  AppNotAnswering,
  AppNotFound,
  AssetNotFound,
  BadRequest,
  CannotPreview,
  CannotShow,
  Conflict,
  ConnectionExists,
  ConnectionMismatch,
  ConnectionNotFound,
  ConnectionRefused,
  ConnectionUnusable,
  CursorExpired,
  DatasetNameTaken,
  DatasetNotFound,
  DeadLetterNotFound,
  DeliveryNotFound,
  DocumentExists,
  DocumentNameTaken,
  DocumentNotFound,
  Forbidden,
  HashMismatch,
  IdempotencyKeyReused,
  ImportNotFound,
  ImportOver,
  InternalError,
  MetadataInvalid,
  NotSynced,
  OperationNotFound,
  OperationOver,
  PipelineInUse,
  PipelineInvalid,
  PipelineNameTaken,
  PipelineNotFound,
  QuotaExceeded,
  RateLimited,
  SegmentNotFound,
  SourceRefused,
  SourceUnavailable,
  SpaceChangeConflict,
  SpaceChangeNotFound,
  SpaceNotServed,
  StateConflict,
  SubscriptionNotFound,
  SyncItemNotFound,
  SyncNotFound,
  SyncOver,
  SyncSourceNotFound,
  TenantDeleting,
  TenantNameTaken,
  TenantNotFound,
  TenantProtected,
  TenantSuspended,
  TextTooLong,
  TooManyImports,
  Unauthorized,
  Unavailable,
  UnknownOperation,
  UnsupportedFormat,
  UploadNotFound,
  UploadOffsetMismatch,
  UploadTooLarge,
  WebhookDisabled,
  WebhookNotFound,
  WebhookUrlRefused
} as const satisfies {
  readonly [Tag in ApiError["_tag"]]: new(fields: never) => Extract<ApiError, { readonly _tag: Tag }> & Explanation
}

type Classes = typeof apiErrors

/** The explained class of an error of the contract. */
export type Raised<E> = E extends { readonly _tag: infer Tag extends keyof Classes } ? InstanceType<Classes[Tag]>
  : never

/**
 * Gives an error that came over the wire its class. It has all the fields already, so only its prototype changes and the stack
 * stays where it is.
 */
export const raise = <E extends ApiError>(error: E): Raised<E> =>
  Object.setPrototypeOf(error, apiErrors[error._tag].prototype)
