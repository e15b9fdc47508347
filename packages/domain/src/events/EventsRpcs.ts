import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { DatasetNotFound } from "../datasets/errors.ts"
import { FailureCause } from "../documents/FailureCause.ts"
import { DocumentStatus } from "../documents/status.ts"
import { BadRequest } from "../edge/errors.ts"
import { PageFields } from "../edge/page.ts"
import { DatasetId, DocumentId, EventCursor, PageCursor, RunId } from "../ids.ts"
import { CursorExpired } from "./errors.ts"
import { Event } from "./Event.ts"

export { CursorExpired }

/** How a dataset or a document stands: what a reader of the log would know who had read all of it. */
export const SnapshotItem = Schema.TaggedUnion({
  Dataset: { datasetId: DatasetId, name: Schema.String },
  Document: {
    datasetId: DatasetId,
    documentId: DocumentId,
    name: Schema.String,
    status: DocumentStatus,
    /** The version that serves. */
    publishedRunId: Schema.NullOr(RunId),
    /** The newest run. */
    runId: Schema.NullOr(RunId),
    /** Why it failed, if it did. */
    cause: Schema.NullOr(FailureCause),
    pages: Schema.Int,
    segments: Schema.Int,
    tokens: Schema.Int
  }
})
export type SnapshotItem = typeof SnapshotItem.Type

const payload = {
  /** The last event seen; left out, the stream begins with what happens from now on. `0` replays all that is kept. */
  after: Schema.optionalKey(EventCursor),
  datasetId: Schema.optionalKey(DatasetId)
} as const

export class EventsRpcs extends RpcGroup.make(
  /** One of a single dataset ends after its `DatasetDeleted`; others end with their reader. */
  Rpc.make("EventsSubscribe", {
    payload,
    success: Event,
    error: Schema.Union([CursorExpired, DatasetNotFound]),
    stream: true
  }),
  /** For clients without streams: waits up to `waitMs` (at most 30,000) for the first event after the cursor. */
  Rpc.make("EventsList", {
    payload: {
      ...payload,
      limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000 }))),
      waitMs: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30_000 })))
    },
    success: Schema.Struct({ events: Schema.Array(Event), next: EventCursor }),
    error: Schema.Union([CursorExpired, DatasetNotFound])
  }),
  /**
   * How everything stands that a caller may see, page by page: first the datasets, then their documents. What is not in it is not there.
   * Every page tells the `cursor` after which to read the log when the last one is read: nothing is missed between the two, though some of
   * what the snapshot shows already may come again as an event.
   */
  Rpc.make("EventsSnapshot", {
    payload: { datasetId: Schema.optionalKey(DatasetId), ...PageFields },
    success: Schema.Struct({
      items: Schema.Array(SnapshotItem),
      next: Schema.optionalKey(PageCursor),
      cursor: EventCursor
    }),
    error: Schema.Union([DatasetNotFound, BadRequest])
  })
) {}
