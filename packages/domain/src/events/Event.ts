import { Schema } from "effect"
import { FailureCause } from "../documents/FailureCause.ts"
import { DatasetId, DocumentId, EventCursor, RunId } from "../ids.ts"
import { Timestamp } from "../time.ts"

const ofDocument = { datasetId: DatasetId, documentId: DocumentId } as const

/** What happened. Written in the transaction that made it so. */
export const EventBody = Schema.TaggedUnion({
  DatasetCreated: { datasetId: DatasetId, name: Schema.String },
  DatasetDeleted: { datasetId: DatasetId },
  DocumentAccepted: { ...ofDocument, runId: RunId, name: Schema.String },
  DocumentPublished: { ...ofDocument, runId: RunId, pages: Schema.Int, segments: Schema.Int, tokens: Schema.Int },
  DocumentFailed: { ...ofDocument, runId: RunId, cause: FailureCause },
  RunCancelled: { ...ofDocument, runId: RunId },
  /** Purged: rows, index entries and blobs were counted as zero. `removed` says how many there were. */
  DocumentDeleted: { ...ofDocument, removed: Schema.Record(Schema.String, Schema.Int) }
})
export type EventBody = typeof EventBody.Type

/** An event of a tenant's log. Cursors grow in commit order: a reader that goes on after one skips nothing. */
export const Event = Schema.Struct({ cursor: EventCursor, at: Timestamp, body: EventBody })
export type Event = typeof Event.Type
