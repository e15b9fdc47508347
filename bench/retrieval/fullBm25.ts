import { idf, saturation } from "@sheaf/adapters/search/ranking"
import { analyze, analyzeQuery } from "@sheaf/adapters/text/analyzer"

interface Doc {
  readonly id: string
  readonly text: string
}

/**
 * BM25 over every document, in memory and without an index's shortcuts: what a keyword search is held against. Answers the ids of the
 * ten best documents of a query; equal scores in the order of the documents.
 */
export const fullBm25 = (docs: ReadonlyArray<Doc>): (query: string) => ReadonlyArray<string> => {
  const lists = new Map<string, Array<{ readonly doc: number; readonly frequency: number }>>()
  const lengths = docs.map(({ text }, doc) => {
    const { length, terms } = analyze(text)
    for (const [term, frequency] of terms) {
      const list = lists.get(term)
      if (list === undefined) lists.set(term, [{ doc, frequency }])
      else list.push({ doc, frequency })
    }
    return length
  })
  const average = lengths.reduce((sum, length) => sum + length, 0) / docs.length

  return (query) => {
    const scores = new Map<number, number>()
    const { terms, weights } = analyzeQuery(query)
    terms.forEach((term, i) => {
      const list = lists.get(term) ?? []
      const weight = weights[i]! * idf(docs.length, list.length)
      for (const { doc, frequency } of list) {
        scores.set(doc, (scores.get(doc) ?? 0) + weight * saturation(frequency, lengths[doc]!, average))
      }
    })
    return [...scores].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, 10).map(([doc]) => docs[doc]!.id)
  }
}
