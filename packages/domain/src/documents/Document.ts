import { Effect, Schema } from "effect"
import { Actor } from "../edge/Caller.ts"
import { DatasetId, DocumentId, RunId, Sha256 } from "../ids.ts"
import { Run, RunState, StageProgress } from "../runs/Run.ts"
import { IndexState } from "../segments/IndexState.ts"
import { Timestamp } from "../time.ts"
import { FailureCause } from "./FailureCause.ts"
import { Metadata } from "./Metadata.ts"
import { DocumentStatus } from "./status.ts"

/**
 * A name as people see it: up to 255 bytes of UTF-8, no path separators, no control or direction-changing characters.
 * Never used as a path; `cleanName` makes one from whatever a client sends.
 */
export const DocumentName = Schema.String.check(
  Schema.isMinLength(1),
  Schema.makeFilter((name: string) => new TextEncoder().encode(name).length <= 255 || "a name of at most 255 bytes"),
  // oxlint-disable-next-line no-control-regex
  Schema.isPattern(/^[^/\\\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]+$/)
)

/** One source item of a dataset, whatever its version. */
export class Document extends Schema.Class<Document>("@sheaf/domain/documents/Document/Document")({
  id: DocumentId,
  datasetId: DatasetId,
  /** The document that it was attached to, a mail for example; `null` for one that came by itself. */
  parentId: Schema.NullOr(DocumentId).pipe(Schema.withDecodingDefaultKey(Effect.succeed(null))),
  name: Schema.String,
  /** Found by looking at the content; `null` until the first run has looked. */
  mediaType: Schema.NullOr(Schema.String),
  /** Bytes. */
  size: Schema.Finite,
  contentHash: Sha256,
  metadata: Metadata,
  /** Counts the changes of name and metadata: what `ifVersion` is compared with. */
  version: Schema.Int,
  enabled: Schema.Boolean,
  archived: Schema.Boolean,
  /** Whether the search index agrees with all that was changed of it and its segments. */
  indexState: IndexState,
  /** Why a change could not be brought to the index yet; it is tried again. */
  indexCause: Schema.NullOr(FailureCause),
  status: DocumentStatus,
  publishedRunId: Schema.NullOr(RunId),
  /** The newest run, whether it serves or not. */
  run: Schema.NullOr(Run),
  /** Of the published version; 0 pages where the format has none. */
  pages: Schema.Int,
  segments: Schema.Int,
  tokens: Schema.Int,
  createdBy: Actor,
  createdAt: Timestamp,
  updatedAt: Timestamp
}) {}

/** One look at the work on a document. A later one has a higher `revision`; nothing in it is estimated. */
export class DocumentProgress
  extends Schema.Class<DocumentProgress>("@sheaf/domain/documents/Document/DocumentProgress")({
    documentId: DocumentId,
    runId: RunId,
    revision: Schema.Int,
    status: DocumentStatus,
    state: RunState,
    /** Since when it is in this state. */
    since: Timestamp,
    waitingFor: Schema.NullOr(Schema.String),
    stages: Schema.Array(StageProgress),
    cause: Schema.NullOr(FailureCause),
    timings: Schema.Record(Schema.String, Schema.Finite),
    pages: Schema.Int,
    segments: Schema.Int
  })
{}
