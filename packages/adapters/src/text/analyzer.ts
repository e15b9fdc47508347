import { guessLanguage } from "./language.ts"
import { type Occurrence, occurrences } from "./occurrences.ts"
import { questionWords, stopWords } from "./stopWords.ts"

/** Changes whenever the same text gives other terms: then what is indexed has to be analyzed again. */
export const analyzerVersion = 1

export interface Analysis {
  /** Terms with their frequency. Stop words are among them, so that a query of nothing else still finds something. */
  readonly terms: ReadonlyMap<string, number>
  /** Sum of the frequencies without stop words: the length that BM25 speaks of. */
  readonly length: number
}

export interface QueryAnalysis {
  /** Distinct. */
  readonly terms: ReadonlyArray<string>
  /** How often each term stands in the query. */
  readonly weights: ReadonlyArray<number>
  readonly language: string
}

export interface Range {
  readonly start: number
  readonly end: number
}

const count = (all: Iterable<Occurrence>): Map<string, number> => {
  const terms = new Map<string, number>()
  for (const { term } of all) terms.set(term, (terms.get(term) ?? 0) + 1)
  return terms
}

/**
 * The one analyzer: ingest and query, whatever the engine. A term depends on its word alone (script, letters), never on the language
 * guessed for the text, so terms of a query meet those of a segment even where the guesses differ.
 */
export const analyze = (text: string): Analysis => {
  const terms = new Map<string, number>()
  let length = 0
  for (const { term, word } of occurrences(text)) {
    terms.set(term, (terms.get(term) ?? 0) + 1)
    if (!stopWords.has(word)) length++
  }
  return { terms, length }
}

/**
 * Terms of a question: stop words and the words that make it a question are left out, unless nothing else remains or they are
 * written in capitals among other words ("IT", "WHO").
 */
export const analyzeQuery = (text: string): QueryAnalysis => {
  const all = [...occurrences(text)]
  const shouting = all.every((occurrence) => occurrence.capitals)
  const isName = (occurrence: Occurrence) => occurrence.capitals && !shouting
  const content = all.filter((one) => isName(one) || !stopWords.has(one.word))
  const subject = content.filter((one) => isName(one) || !questionWords.has(one.word))
  const terms = count(subject.length > 0 ? subject : content.length > 0 ? content : all)
  return { terms: [...terms.keys()], weights: [...terms.values()], language: guessLanguage(text) }
}

/** Where a text has one of the terms: ranges in order, those that touch or overlap joined. */
export const highlights = (text: string, terms: Iterable<string>): ReadonlyArray<Range> => {
  const wanted = new Set(terms)
  if (wanted.size === 0) return []
  const ranges = [...occurrences(text)].filter(({ term }) => wanted.has(term)).sort((a, b) =>
    a.start - b.start || b.end - a.end
  )
  const joined: Array<{ start: number; end: number }> = []
  for (const { start, end } of ranges) {
    const last = joined.at(-1)
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end)
    else joined.push({ start, end })
  }
  return joined
}
