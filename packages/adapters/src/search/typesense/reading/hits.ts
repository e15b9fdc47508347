import { Effect, Schema } from "effect"
import type { Engine, Search } from "../Engine.ts"
import { type Failure, malformed } from "../Failure.ts"
import { impactFields } from "../fields/impact.ts"
import { vectorText } from "../fields/record.ts"
import { checked } from "./statistics.ts"

/** The server gives no larger pages. */
const largestPage = 250

/** What is compared with the query one by one instead of through the graph: exact, and as quick, up to about this many. */
const flatSearchCutoff = 5_000

/** Neighbours looked at in the graph for each one wanted; the server's own choice misses a tenth of the nearest. */
const efPerHit = 2
const smallestEf = 300

interface Wanted {
  readonly collection: string
  readonly filter: string
  readonly hits: number
  /** Whether the fields of documents are needed, to look at what the engine could only roughly choose. */
  readonly withFields: boolean
}

const pagesOf = (hits: number): ReadonlyArray<{ readonly page: number; readonly per_page: number }> => {
  const pages = Math.max(1, Math.ceil(hits / largestPage))
  return Array.from({ length: pages }, (_, i) => ({ page: i + 1, per_page: Math.ceil(hits / pages) }))
}

const shown = ({ collection, filter, withFields }: Omit<Wanted, "hits">) => ({
  collection,
  filter_by: filter,
  include_fields: withFields ? "id,length,words,fields" : "id,length,words",
  highlight_fields: "none",
  highlight_full_fields: "none",
  enable_highlight_v1: false
})

/** What every search for a word asks for: the word itself, not what is like it, where it weighs most first. */
const byImpact = {
  query_by: impactFields.map(([name]) => name).join(","),
  query_by_weights: impactFields.map(([, weight]) => weight).join(","),
  text_match_type: "max_weight",
  prioritize_exact_match: false,
  sort_by: "_text_match:desc,length:asc",
  num_typos: 0,
  prefix: false,
  split_join_tokens: "off",
  drop_tokens_threshold: 0,
  typo_tokens_threshold: 0
}

/** The segments that have a word, those where it weighs most first. `found` is in how many it stands. */
export const wordSearches = ({ word, ...wanted }: Wanted & { readonly word: string }): ReadonlyArray<Search> => {
  const search: Search = { ...shown(wanted), ...byImpact, q: word }
  return pagesOf(wanted.hits).map((page) => Object.assign({}, search, page))
}

/** The nearest segments. */
export const nearSearches = (
  { vector, ...wanted }: Wanted & { readonly vector: Float32Array }
): ReadonlyArray<Search> => {
  const ef = Math.max(smallestEf, efPerHit * wanted.hits)
  const parameters = `k:${wanted.hits}, ef:${ef}, flat_search_cutoff:${flatSearchCutoff}`
  const search: Search = { ...shown(wanted), q: "*", vector_query: `vector:(${vectorText(vector)}, ${parameters})` }
  return pagesOf(wanted.hits).map((page) => Object.assign({}, search, page))
}

export interface Hit {
  readonly id: string
  readonly length: number
  readonly words: string
  /** As JSON, where it was asked for. */
  readonly fields: string | undefined
  readonly cosine: number | null
}

export interface Page {
  readonly found: number
  /** The server ended early. */
  readonly isCut: boolean
  readonly hits: ReadonlyArray<Hit>
}

const decodePage = Schema.decodeUnknownEffect(
  Schema.Struct({
    found: Schema.Finite,
    search_cutoff: Schema.optionalKey(Schema.Boolean),
    hits: Schema.Array(
      Schema.Struct({
        document: Schema.Struct({
          id: Schema.String,
          length: Schema.optionalKey(Schema.Finite),
          words: Schema.optionalKey(Schema.String),
          fields: Schema.optionalKey(Schema.String)
        }),
        vector_distance: Schema.optionalKey(Schema.Finite)
      })
    )
  })
)

export const pageOf = (result: unknown): Effect.Effect<Page, Failure> =>
  Effect.gen(function*() {
    const page = yield* Effect.mapError(decodePage(yield* checked(result)), () => malformed("a page of hits"))
    return {
      found: page.found,
      isCut: page.search_cutoff === true,
      hits: page.hits.map(({ document, vector_distance: distance }) => ({
        id: document.id,
        length: document.length ?? 0,
        words: document.words ?? "",
        fields: document.fields,
        // Distances are float32: they may step a little over the edge.
        cosine: distance === undefined ? null : Math.max(-1, Math.min(1, 1 - distance))
      }))
    }
  })

/** The cosines of segments that were found by their words; those without a vector have none. */
export const cosinesOf = Effect.fnUntraced(function*(
  engine: Engine,
  { collection, ids, mandatory, vector }: {
    readonly collection: string
    readonly mandatory: string
    readonly ids: ReadonlyArray<string>
    readonly vector: Float32Array
  }
) {
  if (ids.length === 0) return new Map<string, number>()
  const searches = Array.from({ length: Math.ceil(ids.length / largestPage) }, (_, i) => {
    const some = ids.slice(i * largestPage, (i + 1) * largestPage)
    const filter = `(id:=[${some.join(",")}] && embedded:=true) && ${mandatory}`
    // So few that they are all compared.
    const [search] = nearSearches({ collection, filter, hits: some.length, withFields: false, vector })
    return { ...search, include_fields: "id" }
  })
  const pages = yield* Effect.forEach(yield* engine.multiSearch(searches), pageOf)
  return new Map(pages.flatMap(({ hits }) => hits.flatMap(({ cosine, id }) => cosine === null ? [] : [[id, cosine]])))
})
