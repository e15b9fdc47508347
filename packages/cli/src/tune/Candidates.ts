import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import { idf, saturation } from "@sheaf/adapters/search/ranking"
import type { Candidates } from "@sheaf/adapters/search/SearchIndex"
import { analyze, analyzeQuery } from "@sheaf/adapters/text/analyzer"
import { guessLanguage, speaks } from "@sheaf/adapters/text/language"
import { SegmentId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import type { JudgedSet } from "./readSet.ts"

/** Of each way to find them, by words and by vectors. */
const wanted = 200
const batchSize = 32

/** A question with what a search for it would have to rank. */
export interface Prepared {
  readonly terms: ReadonlyArray<string>
  readonly weights: ReadonlyArray<number>
  readonly spoken: boolean
  readonly found: Candidates
  /** Grades by the id that the text has among the candidates. */
  readonly grades: ReadonlyMap<SegmentId, number>
}

interface Text {
  readonly id: SegmentId
  readonly terms: ReadonlyMap<string, number>
  readonly length: number
  readonly vector: Float32Array | undefined
}

/** Embeds a judged set and finds the candidates of every question, once: after that, ranking them costs next to nothing. */
export const prepare = Effect.fn("prepare")(function*(
  set: JudgedSet,
  onProgress: (done: number, total: number) => Effect.Effect<void>
) {
  const embedder = yield* Embedder
  const { space } = embedder
  const texts: Array<Text> = []
  for (let from = 0; from < set.docs.length; from += batchSize) {
    const batch = set.docs.slice(from, from + batchSize)
    const fitting = yield* Effect.forEach(batch, ({ text }) => fit(text), { concurrency: 4 })
    const analyzed = fitting.map(analyze)
    const isSpoken = fitting.map((text) => speaks(space.languages, guessLanguage(text)))
    const spoken = fitting.filter((_, i) => isSpoken[i])
    const vectors = (yield* embedder.embedDocuments(spoken)).values()
    for (const [i, { length, terms }] of analyzed.entries()) {
      const vector = isSpoken[i] ? vectors.next().value : undefined
      texts.push({ id: idOf(from + i), terms, length, vector })
    }
    yield* onProgress(texts.length, set.docs.length)
  }
  const places = new Map(set.docs.map(({ id }, i) => [id, idOf(i)]))
  const averageLength = texts.reduce((sum, { length }) => sum + length, 0) / texts.length
  return yield* Effect.forEach(set.queries, ({ grades, text }) =>
    Effect.gen(function*() {
      const { language, terms, weights } = analyzeQuery(text)
      const spoken = speaks(space.languages, language)
      const vector = spoken ? yield* embedder.embedQuery(text) : undefined
      const documentFrequencies = terms.map((term) => texts.filter((one) => one.terms.has(term)).length)
      const statistics = { segments: texts.length, averageLength, documentFrequencies }
      const prepared: Prepared = {
        terms,
        weights,
        spoken,
        found: {
          statistics,
          candidates: candidatesOf(texts, { terms, weights, vector }, statistics),
          exhausted: false
        },
        grades: new Map([...grades].flatMap(([id, grade]) => places.has(id) ? [[places.get(id)!, grade]] : []))
      }
      return prepared
    }))
})

/** Texts have no ids of segments here: their place in the set, in the same shape. */
const idOf = (place: number): SegmentId => SegmentId.make(`00000000-0000-5000-8000-${String(place).padStart(12, "0")}`)

/** A text that the model takes whole: longer ones lose their end. */
const fit = Effect.fnUntraced(function*(text: string) {
  const { countTokens, space } = yield* Embedder
  let words = (text || "-").split(/\s+/)
  for (;;) {
    const joined = words.join(" ")
    const [tokens = 0] = yield* countTokens([joined])
    if (tokens <= space.maxTokens || words.length < 2) return joined
    words = words.slice(0, Math.max(1, Math.floor(words.length * space.maxTokens / tokens * 0.98)))
  }
})

const candidatesOf = (
  texts: ReadonlyArray<Text>,
  query: {
    readonly terms: ReadonlyArray<string>
    readonly weights: ReadonlyArray<number>
    readonly vector: Float32Array | undefined
  },
  statistics: Candidates["statistics"]
): Candidates["candidates"] => {
  const weights = query.terms.map((_, i) =>
    query.weights[i]! * idf(statistics.segments, statistics.documentFrequencies[i]!)
  )
  const all = texts.map(({ id, length, terms, vector }) => {
    const frequencies = query.terms.map((term) => terms.get(term) ?? 0)
    const bm25 = frequencies.reduce(
      (sum, frequency, i) => sum + weights[i]! * saturation(frequency, length, statistics.averageLength),
      0
    )
    const cosine = query.vector === undefined || vector === undefined ? null : dot(query.vector, vector)
    return { segmentId: id, frequencies, length, cosine, bm25 }
  })
  const byWords = all.filter(({ bm25 }) => bm25 > 0).sort((a, b) => b.bm25 - a.bm25).slice(0, wanted)
  const byVectors = all.filter(({ cosine }) => cosine !== null).sort((a, b) => b.cosine! - a.cosine!).slice(0, wanted)
  return [...new Set([...byWords, ...byVectors])]
}

/** The cosine of normalised vectors. */
const dot = (a: Float32Array, b: Float32Array): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
