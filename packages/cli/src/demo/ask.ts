import type { SearchHit } from "@sheaf/domain/search/Search"
import { Sheaf } from "@sheaf/sdk/effect"
import { Clock, Effect } from "effect"
import { excerpt, place, scoreWords } from "../search/hits.ts"
import { Output } from "../terminal/Output.ts"
import { printable } from "../terminal/style.ts"
import { duration } from "../terminal/words.ts"

export interface Answer {
  readonly question: string
  readonly hit: SearchHit | undefined
  /** From the question to its answer. */
  readonly elapsedMs: number
}

/** Asks a dataset and prints the best answer with where it stands and where its score comes from. */
export const ask = Effect.fn("ask")(function*(question: string, datasetId: string) {
  const output = yield* Output
  const sheaf = yield* Sheaf
  const askedAt = yield* Clock.currentTimeMillis
  const { hits } = yield* sheaf.search({ text: question, datasets: [{ id: datasetId }], limit: 3 })
  const elapsedMs = (yield* Clock.currentTimeMillis) - askedAt
  const answer: Answer = { question, hit: hits[0], elapsedMs }
  yield* output.result(toValue(answer), () => words(answer, output.style))
  return answer
})

const toValue = ({ elapsedMs, hit, question }: Answer) => ({
  type: "answer",
  question,
  elapsedMs,
  ...(hit && {
    document: hit.documentName,
    documentId: hit.documentId,
    text: hit.text,
    citation: hit.citation,
    score: hit.score
  })
})

const words = ({ elapsedMs, hit, question }: Answer, style: Output["Service"]["style"]): string => {
  const asked = `${style.cyan("?")} ${style.bold(printable(question))}  ${style.dim(duration(elapsedMs))}`
  if (hit === undefined) return `${asked}\n  Nothing found.\n`
  return `${asked}\n  → ${style.bold(place(hit))}  ${style.green(scoreWords(hit.score))}\n    ${
    excerpt(hit, 240, style)
  }\n`
}
