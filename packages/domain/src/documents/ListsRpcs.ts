import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { DatasetNotFound } from "../datasets/errors.ts"
import { BadRequest } from "../edge/errors.ts"
import { Page, PageFields } from "../edge/page.ts"
import { DatasetId, DocumentId } from "../ids.ts"
import { Lane } from "../jobs/Job.ts"
import { Timestamp } from "../time.ts"
import { Document } from "./Document.ts"
import { DocumentNotFound } from "./errors.ts"
import { DocumentFilter } from "./ListFilter.ts"
import { DocumentStatus } from "./status.ts"

/** What documents can be sorted by; `name` without regard to case. Equal ones are told apart by their ids. */
export const DocumentSort = Schema.Literals(["createdAt", "updatedAt", "name", "size"])
export type DocumentSort = typeof DocumentSort.Type

export const SortOrder = Schema.Literals(["asc", "desc"])
export type SortOrder = typeof SortOrder.Type

/** What documents can be counted by: `status`, `mediaType`, `suffix`, `actor`, or `metadata.` and the name of a field. */
export const Facet = Schema.String.check(
  Schema.isPattern(/^(status|mediaType|suffix|actor|metadata\.[A-Za-z_][A-Za-z0-9_.-]{0,63})$/)
)

/**
 * How many of the documents have each value, most frequent first. A document counts once for each of its values: for the items of a
 * list, and as added by a key and by the person that the key acted for. `more`: there are values that are not shown; the counts of those that
 * are shown are exact all the same. Values of more than 256 characters are never shown.
 */
export const FacetCounts = Schema.Struct({
  facet: Schema.String,
  values: Schema.Array(
    Schema.Struct({ value: Schema.Union([Schema.String, Schema.Finite, Schema.Boolean]), count: Schema.Int })
  ),
  more: Schema.Boolean
})
export type FacetCounts = typeof FacetCounts.Type

/** Figures of a dataset, counted from its rows: of all its documents but those that are being deleted, which `byStatus` alone has. */
export const DatasetStatistics = Schema.Struct({
  datasetId: DatasetId,
  documents: Schema.Int,
  /** Every status, with zeros. */
  byStatus: Schema.Record(DocumentStatus, Schema.Int),
  /** Of published versions. */
  pages: Schema.Int,
  segments: Schema.Int,
  tokens: Schema.Int,
  /** Of the originals. */
  bytes: Schema.Finite,
  /** Milliseconds of work on all runs of the documents; work that went on at the same time adds up. */
  processingMs: Schema.Finite,
  lastIngestedAt: Schema.NullOr(Timestamp)
})
export type DatasetStatistics = typeof DatasetStatistics.Type

/**
 * A field that rows of tables have in a dataset, as its published versions were cut (`table`), and of how many documents. A name that
 * documents say is of different types is there once for each.
 */
export const RowField = Schema.Struct({
  name: Schema.String,
  type: Schema.Literals(["string", "number", "boolean", "time"]),
  documents: Schema.Int
})
export type RowField = typeof RowField.Type

/** Where a document stands among the owed work of its tenant. */
export const QueuePlace = Schema.Struct({
  documentId: DocumentId,
  status: DocumentStatus,
  /** `null`: no run is at work on it, and nothing else is said. */
  lane: Schema.NullOr(Lane),
  /** A worker has some of its work in hand. */
  working: Schema.Boolean,
  /**
   * Pieces of work (and the documents they are of) in the same stage that are due and will be taken before its next one: of its own tenant
   * alone. Workers take from the tenants in turns, so what others owe does not stand before it.
   */
  ahead: Schema.Struct({ jobs: Schema.Int, documents: Schema.Int }),
  /**
   * Seconds until it is done, from how long the tenant's last documents took. `null` while that cannot be said: fewer than three were
   * published within a day, it waits or is paused, or it takes longer than they did.
   */
  estimatedSeconds: Schema.NullOr(Schema.Finite),
  /** How many documents the estimate comes from. */
  measured: Schema.Int
})
export type QueuePlace = typeof QueuePlace.Type

export class ListsRpcs extends RpcGroup.make(
  /**
   * Page by page; without `sort` newest first. Sorted by what never changes (`createdAt`, `size`), a document that exists throughout is
   * listed exactly once, whatever else comes, changes or goes. Under `updatedAt` one that is changed meanwhile moves to the newest: with
   * `asc` it is listed again, with `desc` it may be left out; under `name`, one that is renamed meanwhile may be either. A page may have
   * fewer items than asked for; the list ends where there is no `next`.
   */
  Rpc.make("DocumentsList", {
    payload: {
      datasetId: DatasetId,
      ...DocumentFilter.fields,
      sort: Schema.optionalKey(DocumentSort),
      /** Default `asc` for `name`, else `desc`. */
      order: Schema.optionalKey(SortOrder),
      /** How many documents fit. */
      withTotal: Schema.optionalKey(Schema.Boolean),
      /** Counted over all documents that fit, not only those of the page. */
      facets: Schema.optionalKey(Schema.Array(Facet).check(Schema.isBetweenLength(1, 8))),
      /** Values for each facet. Default 20. */
      facetValues: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 }))),
      ...PageFields
    },
    success: Schema.Struct({ ...Page(Document).fields, facets: Schema.optionalKey(Schema.Array(FacetCounts)) }),
    error: Schema.Union([DatasetNotFound, BadRequest])
  }),
  Rpc.make("DatasetsStatistics", {
    payload: { datasetId: DatasetId },
    success: DatasetStatistics,
    error: DatasetNotFound
  }),
  /** By name; the first 1,000. */
  Rpc.make("DatasetsFields", {
    payload: { datasetId: DatasetId },
    success: Schema.Array(RowField),
    error: DatasetNotFound
  }),
  Rpc.make("DocumentsQueue", { payload: { documentId: DocumentId }, success: QueuePlace, error: DocumentNotFound })
) {}
