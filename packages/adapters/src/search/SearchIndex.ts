import type { Metadata } from "@sheaf/domain/documents/Metadata"
import type { DatasetId, DocumentId, SegmentId, TenantId } from "@sheaf/domain/ids"
import type { Filter } from "@sheaf/domain/search/Filter"
import type { Space } from "@sheaf/domain/spaces/Space"
import { Context, type Effect, Schema } from "effect"

export class SearchIndexError extends Schema.TaggedError<SearchIndexError>()("SearchIndexError", {
  operation: Schema.String,
  isRetryable: Schema.Boolean,
  cause: Schema.Defect()
}) {}

/** What is searchable of a segment. The text itself stays in the database. */
export interface IndexEntry {
  readonly segmentId: SegmentId
  readonly datasetId: DatasetId
  readonly documentId: DocumentId
  /** The same for every segment of a document: the newest write counts for all of them. */
  readonly document: {
    readonly name: string
    readonly mediaType: string
    readonly createdAt: Date
    readonly metadata: Metadata
  }
  /** As `analyze` gives them: terms with their frequency, and the length that BM25 speaks of. */
  readonly terms: ReadonlyMap<string, number>
  readonly length: number
  /** `null` where there is none, as for a segment in a language that the embedder does not speak (see `speaks`). */
  readonly vector: Float32Array | null
}

export interface CandidateQuery {
  readonly tenantId: TenantId
  readonly datasetIds: ReadonlyArray<DatasetId>
  readonly filter: Filter | undefined
  /** Distinct analyzed terms of the query; empty for a purely vector search. */
  readonly terms: ReadonlyArray<string>
  readonly vector: Float32Array | undefined
  /** Wanted at least, for each of the two ways, where so many exist. */
  readonly limit: number
}

export interface Candidate {
  readonly segmentId: SegmentId
  /** Frequency of each query term in the segment, in the order of `CandidateQuery.terms`; an index may end them at 255. */
  readonly frequencies: ReadonlyArray<number>
  readonly length: number
  /** With the query's vector, where both have one; also for candidates that the words found. */
  readonly cosine: number | null
}

export interface Candidates {
  readonly candidates: ReadonlyArray<Candidate>
  /** Of the searched datasets (before the filter), as far as the index knows them. */
  readonly statistics: {
    readonly segments: number
    readonly averageLength: number
    /** In how many segments each query term stands, in the order of `CandidateQuery.terms`. */
    readonly documentFrequencies: ReadonlyArray<number>
  }
  /** No other segment could match. */
  readonly exhausted: boolean
}

/** What of an index to count or remove. */
export type IndexScope =
  | { readonly _tag: "Segments"; readonly segmentIds: ReadonlyArray<SegmentId> }
  | { readonly _tag: "Document"; readonly documentId: DocumentId }
  | { readonly _tag: "Dataset"; readonly datasetId: DatasetId }
  | { readonly _tag: "Tenant" }

/** That there is an entry, and whose it says it is. */
export interface IndexedSegment {
  readonly segmentId: SegmentId
  readonly datasetId: DatasetId
  readonly documentId: DocumentId
}

export interface ScanOptions {
  /** At most so many a page; an index may give fewer. */
  readonly limit: number
  /** Where the page before ended; left out, the scan begins. */
  readonly after?: string | undefined
}

export interface ScannedPage {
  readonly entries: ReadonlyArray<IndexedSegment>
  /** Where to go on; `undefined` at the end. */
  readonly next: string | undefined
}

/**
 * Finds candidates; the ranking module scores them and the database has the last word on whether they may be seen. So an index may
 * lag or hold too much, and never decides anything. Writes are idempotent; deletes are proved by `count`.
 */
export class SearchIndex extends Context.Service<SearchIndex, {
  /** Makes room for a space; safe to call again and from several processes. */
  readonly ensure: (space: Space) => Effect.Effect<void, SearchIndexError>
  /** Writes entries whole; one that exists is replaced. Searchable when this returns. */
  readonly upsert: (
    space: Space,
    tenantId: TenantId,
    entries: ReadonlyArray<IndexEntry>
  ) => Effect.Effect<void, SearchIndexError>
  readonly candidates: (space: Space, query: CandidateQuery) => Effect.Effect<Candidates, SearchIndexError>
  /** Answers how many entries were removed; removing what is not there is fine. */
  readonly remove: (space: Space, tenantId: TenantId, scope: IndexScope) => Effect.Effect<number, SearchIndexError>
  readonly count: (space: Space, tenantId: TenantId, scope: IndexScope) => Effect.Effect<number, SearchIndexError>
  /**
   * All entries of a tenant, page by page, for whoever compares them with the rows. An entry that is there from the first page to the last
   * comes at least once, one that is written meanwhile may come twice; an empty page is not the end.
   */
  readonly scan: (
    space: Space,
    tenantId: TenantId,
    options: ScanOptions
  ) => Effect.Effect<ScannedPage, SearchIndexError>
  /** Which of these have an entry. */
  readonly present: (
    space: Space,
    tenantId: TenantId,
    segmentIds: ReadonlyArray<SegmentId>
  ) => Effect.Effect<ReadonlySet<SegmentId>, SearchIndexError>
  /**
   * The vectors that these are found by, `null` for an entry without one; what has no entry is left out. They have the direction of those
   * that were written: an index may round them, and scale them to length 1.
   */
  readonly vectors: (
    space: Space,
    tenantId: TenantId,
    segmentIds: ReadonlyArray<SegmentId>
  ) => Effect.Effect<ReadonlyMap<SegmentId, Float32Array | null>, SearchIndexError>
}>()("@sheaf/adapters/search/SearchIndex") {}
