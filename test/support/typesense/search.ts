import { type Collection, normalised, type Stored } from "./Collection.ts"
import { facetsOf } from "./facets.ts"
import { type Filter, parseFilter } from "./filter.ts"
import { type Json, type JsonObject, Refusal } from "./Refusal.ts"
import { tokensOf } from "./tokens.ts"
import { parseVectorQuery, type VectorQuery } from "./vectorQuery.ts"

/** Parameters as a query string or a search of a multi-search gives them. */
export type Parameters = Readonly<Record<string, string>>

const largestPage = 250

interface Match {
  readonly stored: Stored
  readonly text?: TextMatch
  readonly distance?: number
}

interface TextMatch {
  readonly score: bigint
  readonly weight: number
  readonly fields: number
  readonly tokens: number
}

const unsigned = (parameters: Parameters, name: string, otherwise: number): number => {
  const text = parameters[name]
  if (text === undefined) return otherwise
  const value = Number(text)
  if (!/^\d+$/.test(text) || value > 4_294_967_295) {
    throw new Refusal(400, `Parameter \`${name}\` must be an unsigned integer.`)
  }
  return value
}

export const search = (collection: Collection, parameters: Parameters): JsonObject => {
  const q = parameters["q"] ?? ""
  const page = unsigned(parameters, "page", 1) || 1
  const perPage = unsigned(parameters, "per_page", 10)
  if (perPage > largestPage) throw new Refusal(422, `Only upto ${largestPage} hits can be fetched per page.`)
  const filter = parseFilter(parameters["filter_by"] ?? "", collection)
  const hasFilter = (parameters["filter_by"] ?? "").trim() !== ""
  const tokens = q.trim() === "*" ? [] : tokensOf(q)
  const vector = parseVectorQuery(parameters["vector_query"], collection, page * perPage)
  if (tokens.length > 0 && vector !== undefined) throw new Refusal(501, "the double does not know hybrid searches")
  const matches = tokens.length > 0
    ? byWords(collection, parameters, filter, tokens)
    : vector !== undefined
    ? byVector(collection, filter, hasFilter, vector)
    : all(collection, filter).map((stored) => ({ stored }))
  const sorted = vector === undefined || parameters["sort_by"] !== undefined
    ? sort(collection, parameters["sort_by"], matches)
    : matches
  return {
    facet_counts: facetsOf(collection, parameters, matches.map(({ stored }) => stored)),
    found: matches.length,
    hits: sorted.slice((page - 1) * perPage, page * perPage).map((match) => hitOf(match, parameters)),
    out_of: collection.stored.size,
    page,
    request_params: { collection_name: collection.name, first_q: q, per_page: perPage, q },
    search_cutoff: false,
    search_time_ms: 0
  }
}

const all = (collection: Collection, filter: Filter): ReadonlyArray<Stored> =>
  [...filter.among ?? collection.stored.values()].filter((stored) => filter.test(stored))

/** Documents that have every word in some field; neither typos nor beginnings of words. */
const byWords = (
  collection: Collection,
  parameters: Parameters,
  filter: Filter,
  tokens: ReadonlyArray<string>
): ReadonlyArray<Match> => {
  const fields = (parameters["query_by"] ?? "").split(",").map((name) => name.trim()).filter((name) => name !== "")
  if (fields.length === 0) throw new Refusal(400, "No search fields specified for the query.")
  for (const name of fields) {
    const field = collection.fields.get(name)
    if (field === undefined) throw new Refusal(404, `Could not find a field named \`${name}\` in the schema.`)
    if (!field.index) throw new Refusal(400, `Field \`${name}\` is marked as a non-indexed field in the schema.`)
    if (!field.type.startsWith("string")) {
      throw new Refusal(400, `Field \`${name}\` should be a string or a string array.`)
    }
  }
  const weights = parameters["query_by_weights"]?.split(",").map(Number) ?? fields.map((_, i) => fields.length - i)
  if (weights.length !== fields.length) {
    throw new Refusal(400, "Number of weights in `query_by_weights` does not match number of `query_by` fields.")
  }
  const having = fields.map((name) => tokens.map((token) => collection.having(name, token)))
  const sequences = new Set(having.flatMap((sets) => [...sets[0]!]))
  const matches: Array<Match> = []
  for (const sequence of sequences) {
    if (!tokens.every((_, t) => having.some((sets) => sets[t]!.has(sequence)))) continue
    const stored = collection.bySequence.get(sequence)!
    if (!filter.test(stored)) continue
    const counts = having.map((sets) => sets.filter((set) => set.has(sequence)).length)
    const best = counts.indexOf(Math.max(...counts))
    const weight = weights[best]!
    const matched = counts.filter((count) => count > 0).length
    const score = 576469617034133504n * BigInt(counts[best]!) + (BigInt(weight) << 51n) + BigInt(matched)
    matches.push({ stored, text: { score, weight, fields: matched, tokens: tokens.length } })
  }
  return matches
}

const byVector = (
  collection: Collection,
  filter: Filter,
  hasFilter: boolean,
  { field, flatSearchCutoff, k, threshold, values }: VectorQuery
): ReadonlyArray<Match> => {
  const vectors = collection.vectors.get(field) ?? new Map<number, Float32Array>()
  const query = normalised(values)
  const candidates = hasFilter ? all(collection, filter) : [...collection.stored.values()]
  const matches = candidates.flatMap((stored): ReadonlyArray<Match> => {
    const vector = vectors.get(stored.sequence)
    if (vector === undefined) return []
    let dot = 0
    for (let i = 0; i < query.length; i++) dot += query[i]! * vector[i]!
    const distance = Math.fround(1 - Math.fround(dot))
    return distance <= threshold ? [{ stored, distance }] : []
  })
  matches.sort((a, b) => a.distance! - b.distance! || b.stored.sequence - a.stored.sequence)
  // Few enough are compared one by one, and all of them are returned.
  return hasFilter && candidates.length < flatSearchCutoff ? matches : matches.slice(0, k)
}

const sort = (
  collection: Collection,
  sortBy: string | undefined,
  matches: ReadonlyArray<Match>
): ReadonlyArray<Match> => {
  const keys = (sortBy ?? `_text_match:desc${defaultOrder(collection)}`).split(",").map((key) => {
    const [name = "", order] = key.split(":").map((part) => part.trim())
    if (order === undefined) throw new Refusal(400, "Parameter `sort_by` is malformed.")
    const field = collection.fields.get(name)
    if (name !== "_text_match" && name !== "_vector_distance" && field?.sort !== true) {
      throw new Refusal(404, `Could not find a field named \`${name}\` in the schema for sorting.`)
    }
    return { name, sign: order === "desc" ? -1 : 1 }
  })
  if (keys.length > 3) throw new Refusal(400, "Only upto 3 sort fields are allowed.")
  const valueOf = (name: string, sign: number, { distance, stored, text }: Match): number => {
    if (name === "_text_match") return Number(text?.score ?? 0n)
    if (name === "_vector_distance") return distance ?? 2
    const value = stored.document[name]
    return typeof value === "number" ? value : typeof value === "boolean" ? Number(value) : sign * Infinity
  }
  const difference = (a: Match, b: Match) => {
    for (const { name, sign } of keys) {
      const [x, y] = [valueOf(name, sign, a), valueOf(name, sign, b)]
      if (x !== y) return sign * (x < y ? -1 : 1)
    }
    // The newest first.
    return b.stored.sequence - a.stored.sequence
  }
  return [...matches].sort(difference)
}

const defaultOrder = ({ defaultSortingField }: Collection): string =>
  defaultSortingField === "" ? "" : `,${defaultSortingField}:desc`

export const shownDocument = (document: JsonObject, parameters: Parameters): JsonObject => {
  const names = (parameter: string) => parameters[parameter]?.split(",").map((name) => name.trim())
  const [included, excluded] = [names("include_fields"), names("exclude_fields")]
  if (included === undefined && excluded === undefined) return document
  const chosen: Record<string, Json | undefined> = {}
  for (const name of included ?? Object.keys(document)) {
    if (document[name] !== undefined && excluded?.includes(name) !== true) chosen[name] = document[name]
  }
  return chosen
}

const hitOf = ({ distance, stored, text }: Match, parameters: Parameters): JsonObject => ({
  document: shownDocument(stored.document, parameters),
  highlight: {},
  ...(parameters["enable_highlight_v1"] !== "false" && { highlights: [] }),
  ...(text !== undefined && {
    text_match: Number(text.score),
    text_match_info: {
      best_field_score: text.tokens === 1 ? "1108091338752" : "2211897868288",
      best_field_weight: text.weight,
      fields_matched: text.fields,
      num_tokens_dropped: 0,
      score: text.score.toString(),
      tokens_matched: text.tokens,
      typo_prefix_score: 0
    }
  }),
  ...(distance !== undefined && { vector_distance: distance })
})
