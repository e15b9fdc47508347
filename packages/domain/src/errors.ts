import type { Rpc, RpcGroup } from "effect/rpc"
import type { ApiRpcs } from "./ApiRpcs.ts"
import type { BadRequest, Conflict, UnknownOperation } from "./edge/errors.ts"
import type {
  AssetNotFound,
  CannotShow,
  HashMismatch,
  UnsupportedFormat,
  UploadOffsetMismatch
} from "./documents/errors.ts"

/** Every error that a caller can get from a server, over whichever transport. */
export type ApiError =
  | Rpc.ErrorExit<RpcGroup.Rpcs<typeof ApiRpcs>>
  | BadRequest
  | Conflict
  | UnknownOperation
  | UploadOffsetMismatch
  | HashMismatch
  | UnsupportedFormat
  | CannotShow
  | AssetNotFound

export interface ErrorFacts {
  /** HTTP status on the JSON-RPC and upload mounts. */
  readonly status: 400 | 401 | 403 | 404 | 409 | 410 | 413 | 415 | 422 | 429 | 500 | 503
  /** Exit code of the CLI. */
  readonly exit: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 9
  /** The same call may succeed later without anybody changing anything. */
  readonly retryable: boolean
}

const facts = (status: ErrorFacts["status"], exit: ErrorFacts["exit"], retryable = false): ErrorFacts => ({
  status,
  exit,
  retryable
})

/** The one list behind HTTP statuses, exit codes and retries. An error without a line here does not compile. */
export const errorFacts: { readonly [Tag in ApiError["_tag"]]: ErrorFacts } = {
  AnnotationNotFound: facts(404, 9),
  ApiKeyNotFound: facts(404, 9),
  AppArchived: facts(409, 1),
  AppNameTaken: facts(409, 1),
  AppNotAnswering: facts(409, 1),
  AppNotFound: facts(404, 9),
  AssetNotFound: facts(404, 9),
  BadRequest: facts(422, 2),
  CannotPreview: facts(409, 1),
  CannotShow: facts(422, 1),
  Conflict: facts(409, 1),
  ConnectionExists: facts(409, 1),
  ConnectionMismatch: facts(422, 1),
  ConnectionNotFound: facts(404, 9),
  ConnectionRefused: facts(422, 4),
  ConnectionUnusable: facts(409, 1),
  CursorExpired: facts(410, 9),
  DatasetNameTaken: facts(409, 1),
  DatasetNotFound: facts(404, 9),
  DeadLetterNotFound: facts(404, 9),
  DeliveryNotFound: facts(404, 9),
  DocumentExists: facts(409, 1),
  DocumentNameTaken: facts(409, 1),
  DocumentNotFound: facts(404, 9),
  Forbidden: facts(403, 4),
  HashMismatch: facts(422, 1, true),
  IdempotencyKeyReused: facts(409, 1),
  ImportNotFound: facts(404, 9),
  ImportOver: facts(409, 1),
  TooManyImports: facts(429, 7),
  InternalError: facts(500, 1),
  MetadataInvalid: facts(422, 2),
  NotSynced: facts(404, 9),
  OperationNotFound: facts(404, 9),
  OperationOver: facts(409, 1),
  PipelineInUse: facts(409, 1),
  PipelineInvalid: facts(422, 2),
  PipelineNameTaken: facts(409, 1),
  PipelineNotFound: facts(404, 9),
  QuotaExceeded: facts(429, 7),
  RateLimited: facts(429, 7, true),
  SegmentNotFound: facts(404, 9),
  SourceRefused: facts(422, 1),
  SourceUnavailable: facts(503, 5, true),
  SpaceChangeConflict: facts(409, 1),
  SpaceChangeNotFound: facts(404, 9),
  SpaceNotServed: facts(422, 2),
  StateConflict: facts(409, 1),
  SyncItemNotFound: facts(404, 9),
  SyncNotFound: facts(404, 9),
  SyncOver: facts(409, 1),
  SyncSourceNotFound: facts(404, 9),
  SubscriptionNotFound: facts(404, 9),
  TenantDeleting: facts(403, 4),
  TenantNameTaken: facts(409, 1),
  TenantNotFound: facts(404, 9),
  TenantProtected: facts(409, 1),
  TenantSuspended: facts(403, 4),
  TextTooLong: facts(422, 2),
  Unauthorized: facts(401, 4),
  Unavailable: facts(503, 5, true),
  UnknownOperation: facts(404, 6),
  UnsupportedFormat: facts(415, 1),
  UploadNotFound: facts(404, 9),
  UploadOffsetMismatch: facts(409, 1, true),
  UploadTooLarge: facts(413, 1),
  WebhookDisabled: facts(409, 1),
  WebhookNotFound: facts(404, 9),
  WebhookUrlRefused: facts(422, 2)
}
