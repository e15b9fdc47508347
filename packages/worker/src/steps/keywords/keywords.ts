import { questionWords, stopWords } from "@sheaf/adapters/text/stopWords"
import { stepDefaults } from "@sheaf/domain/pipelines/checkPipeline"
import { Stream } from "effect"
import type { Enriched, MakeStep } from "../Step.ts"

const word = /[\p{L}][\p{L}\p{M}\p{N}-]{3,39}/gu

/** Most keywords of a segment, whoever gives them. */
export const maxKeywords = 10

/** The words that stand most often in a text, the longer first among equals, then the earlier. */
export const keywordsOf = (text: string, most: number): ReadonlyArray<string> => {
  const counts = new Map<string, number>()
  for (const [found] of text.toLowerCase().matchAll(word)) {
    if (!stopWords.has(found) && !questionWords.has(found)) counts.set(found, (counts.get(found) ?? 0) + 1)
  }
  return [...counts].sort(([a, many], [b, more]) => more - many || b.length - a.length).slice(0, most).map(([found]) =>
    found
  )
}

export const keywords: MakeStep<"keywords", Enriched> = ({ most = stepDefaults.keywords }) => (drafts) =>
  Stream.map(drafts, (draft) => ({
    ...draft,
    keywords: [...new Set([...draft.keywords ?? [], ...keywordsOf(draft.text, most)])].slice(0, maxKeywords)
  }))
