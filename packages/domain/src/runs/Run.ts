import { Schema } from "effect"
import { FailureCause } from "../documents/FailureCause.ts"
import { Actor } from "../edge/Caller.ts"
import { DocumentId, RunId } from "../ids.ts"
import { EditConflict } from "../segments/SegmentChange.ts"
import { Timestamp } from "../time.ts"

/** Where a run is. The last three are final: a run that reached one never leaves it. */
export const RunState = Schema.Literals([
  "queued",
  "parsing",
  "chunking",
  "embedding",
  "indexing",
  "publishing",
  "published",
  "failed",
  "cancelled"
])
export type RunState = typeof RunState.Type

export const isFinal = (state: RunState): boolean =>
  state === "published" || state === "failed" || state === "cancelled"

/** The stages whose work is counted in units. */
export const Stage = Schema.Literals(["parse", "clean", "chunk", "embed", "index", "publish"])
export type Stage = typeof Stage.Type

/** What a run waits for, when nothing is wrong with it: an outage is nobody's failure. */
export const Dependency = Schema.Literals(["embedder", "search", "blobs", "database"])
export type Dependency = typeof Dependency.Type

/** Work done and owed in one stage, in its own measure: pages for `parse`, segments for `embed` and `index`. */
export const StageProgress = Schema.Struct({ stage: Stage, done: Schema.Int, total: Schema.Int })
export type StageProgress = typeof StageProgress.Type

/** One attempt to build a version of a document. */
export class Run extends Schema.Class<Run>("@sheaf/domain/runs/Run/Run")({
  id: RunId,
  documentId: DocumentId,
  /** Counts the document's runs, from 1. */
  number: Schema.Int,
  state: RunState,
  paused: Schema.Boolean,
  waitingFor: Schema.NullOr(Dependency),
  cause: Schema.NullOr(FailureCause),
  /** Grows with every change of the run; progress never goes back. */
  revision: Schema.Int,
  progress: Schema.Array(StageProgress),
  /** Milliseconds of work per stage (summed over units, so parallel units add up). */
  timings: Schema.Record(Schema.String, Schema.Finite),
  /** Changes by hand that the version had to be built without: the first 100; `SegmentsChanges` lists all of the newest version. */
  conflicts: Schema.Array(EditConflict),
  createdAt: Timestamp,
  startedAt: Schema.NullOr(Timestamp),
  finishedAt: Schema.NullOr(Timestamp)
}) {}

/** What makes somebody begin a run. */
export const RunCause = Schema.Literals(["accepted", "retry", "run", "requeued"])
export type RunCause = typeof RunCause.Type

/** A part that a parser could not read and left out; `page` is `null` where the format has none. */
export const RunWarning = Schema.Struct({ page: Schema.NullOr(Schema.Int), detail: Schema.String })
export type RunWarning = typeof RunWarning.Type

/** A run as its document's history has it. */
export class RecordedRun extends Run.extend<RecordedRun>("@sheaf/domain/runs/Run/RecordedRun")({
  /** `null` for runs of before this was written down. */
  begunBy: Schema.NullOr(Schema.Struct({ why: RunCause, actor: Actor })),
  /** How it stands, in a line (`describeRun`). */
  message: Schema.String,
  /** The first 100. */
  warnings: Schema.Array(RunWarning)
}) {}
