/** Every error class, for `instanceof` and `catchTag`. */
export {
  ApiKeyNotFound,
  BadRequest,
  CursorExpired,
  DatasetNameTaken,
  DatasetNotFound,
  DeadLetterNotFound,
  DocumentExists,
  DocumentNotFound,
  Forbidden,
  HashMismatch,
  IdempotencyKeyReused,
  InternalError,
  QuotaExceeded,
  SegmentNotFound,
  StateConflict,
  TenantNameTaken,
  TenantNotFound,
  TenantSuspended,
  Unauthorized,
  Unavailable,
  UnknownOperation,
  UploadNotFound,
  UploadOffsetMismatch,
  UploadTooLarge
} from "./api.ts"
export {
  ClientClosed,
  DatasetNameUnknown,
  DocumentCancelled,
  KeyInBrowser,
  SourceUnreadable,
  StillRunning,
  TimedOut,
  Unreachable,
  VersionSkew
} from "./client.ts"
export { SheafError } from "./explained.ts"
export {
  Corrupt,
  DocumentFailed,
  EmbedderRejected,
  Empty,
  Encrypted,
  type Failure,
  InternalFailure,
  NoPages,
  NoText,
  OverQuota,
  ParserCrashed,
  ParserTimedOut,
  SourceGone,
  SourceUnauthorized,
  TooLarge,
  Unsupported
} from "./failures.ts"
