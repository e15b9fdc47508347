import { Schema } from "effect"
import { Box } from "../documents/Element.ts"
import { IndexToken } from "../documents/indexToken.ts"
import { Metadata } from "../documents/Metadata.ts"
import { DatasetId, DocumentId, SegmentId } from "../ids.ts"
import { isStorable } from "../text.ts"
import { Filter } from "./Filter.ts"

export const SearchMode = Schema.Literals(["keyword", "vector", "hybrid"])
export type SearchMode = typeof SearchMode.Type

const unit = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

export const SearchRequest = Schema.Struct({
  text: Schema.String.check(Schema.isBetweenLength(1, 4_000), isStorable),
  /** Default `hybrid`. */
  mode: Schema.optionalKey(SearchMode),
  /** Default: every dataset that the key may read. */
  datasetIds: Schema.optionalKey(Schema.Array(DatasetId).check(Schema.isBetweenLength(1, 100))),
  filter: Schema.optionalKey(Filter),
  /** The best so many, 1 to 100. Default 10. */
  limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 }))),
  /** Hits with a lower score are left out. A score means the same for every query. Default 0. */
  threshold: Schema.optionalKey(unit),
  /** Whether the best candidates are read once more, together with the question, by a server that has a reranker. Default true. */
  rerank: Schema.optionalKey(Schema.Boolean),
  /** The `indexToken` of a change: the search begins when the index has followed it, or when the time is over (see `notYet`). */
  waitFor: Schema.optionalKey(IndexToken),
  /** How long it waits at most. Default 10,000. */
  waitMs: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30_000 })))
})
export type SearchRequest = typeof SearchRequest.Type

/** Where a score comes from. `lexical.contribution + vector.contribution = total`, and each lies between 0 and 1. */
export const Score = Schema.Struct({
  total: Schema.Finite,
  lexical: Schema.Struct({
    contribution: Schema.Finite,
    /** BM25 of the segment for the query. */
    bm25: Schema.Finite,
    /** The most that any text could score for this query. */
    upperBound: Schema.Finite,
    /** Stems of the query that the segment has. */
    matched: Schema.Array(Schema.String)
  }),
  vector: Schema.Struct({
    contribution: Schema.Finite,
    /** `null`: no vector was compared. */
    cosine: Schema.NullOr(Schema.Finite)
  }),
  /** Set where the score is the lexical part alone, and why. */
  lexicalOnly: Schema.optionalKey(Schema.Literals(["mode", "no-vector", "language"])),
  /**
   * What the reranker gave it, 0 to 1: hits that have it come first, in its order. It is no part of the total, which decides about the
   * threshold whether there is a reranker or not.
   */
  rerank: Schema.optionalKey(Schema.Finite)
})
export type Score = typeof Score.Type

export class SearchHit extends Schema.Class<SearchHit>("@sheaf/domain/search/Search/SearchHit")({
  segmentId: SegmentId,
  documentId: DocumentId,
  datasetId: DatasetId,
  documentName: Schema.String,
  text: Schema.String,
  headingPath: Schema.Array(Schema.String),
  /** For a child: the segment that it belongs to, where that may be seen. */
  parent: Schema.NullOr(Schema.Struct({ segmentId: SegmentId, text: Schema.String })),
  /** Ranges of `text` (UTF-16 units, end exclusive) that match words of the query. */
  highlights: Schema.Array(Schema.Struct({ start: Schema.Int, end: Schema.Int })),
  citation: Schema.Struct({
    /** First page, from 1; `null` where the format has no pages. */
    page: Schema.NullOr(Schema.Int),
    /** What the document calls that page (`iv`, `A-1`), where that is not its number. */
    pageLabel: Schema.optionalKey(Schema.String),
    boxes: Schema.Array(Box)
  }),
  metadata: Metadata,
  score: Score
}) {}

export const SearchResult = Schema.Struct({
  hits: Schema.Array(SearchHit),
  explain: Schema.Struct({
    mode: SearchMode,
    /** Set where a part was down or too slow and the answer had to do without: the hits are then ranked by words alone. */
    without: Schema.optionalKey(Schema.Literals(["embedder"])),
    /** The index had not followed the change of `waitFor` when the time was over: what was to be shown may be missing. */
    notYet: Schema.optionalKey(Schema.Literal(true)),
    /** The order of the hits is the reranker's. */
    reranked: Schema.Boolean,
    /**
     * Why not: the server has none, the request wanted none, there was nothing to put in order, it was down, or it took too long. The hits
     * are then in the order of their totals.
     */
    notReranked: Schema.optionalKey(
      Schema.Literals(["not-configured", "not-wanted", "nothing-to-order", "unavailable", "too-slow"])
    ),
    /** Segments that were scored. */
    candidates: Schema.Int,
    /** Every segment that could match was among them. */
    exhausted: Schema.Boolean,
    /** Index entries that the check against the database removed (unpublished, disabled, deleted, not permitted). */
    dropped: Schema.Int,
    belowThreshold: Schema.Int,
    /** The best score that the threshold cut off; `null` when it cut nothing. */
    bestBelowThreshold: Schema.NullOr(Schema.Finite),
    timings: Schema.Struct({
      embedMs: Schema.Finite,
      candidatesMs: Schema.Finite,
      rankMs: Schema.Finite,
      loadMs: Schema.Finite,
      rerankMs: Schema.Finite,
      totalMs: Schema.Finite
    })
  })
})
export type SearchResult = typeof SearchResult.Type
