import { fullBm25 } from "../retrieval/fullBm25.ts"
import { mean } from "../framework/measure.ts"
import type { Corpus, Span } from "./corpus.ts"
import { judgeSpans } from "./spans.ts"

/** A piece of a text: what is searched, and where it stands. */
export interface Piece {
  readonly text: string
  readonly spans: ReadonlyArray<Span>
}

/** Hits of which the spans are judged. */
const top = 5

/** What the best five of all pieces have of the answers; `pieces[i]` are those of the i-th text. */
export const spanFigures = (corpora: ReadonlyArray<Corpus>, pieces: ReadonlyArray<ReadonlyArray<Piece>>) => {
  const search = fullBm25(
    pieces.flatMap((ofText, at) => ofText.map(({ text }, piece) => ({ id: `${at}/${piece}`, text })))
  )
  const judged = corpora.flatMap(({ questions }, at) =>
    questions.map(({ spans, text }) => {
      const hits = search(text).slice(0, top).map((id) => id.split("/").map(Number) as [number, number])
      // What was found in another text is no part of the answer, and too much of what was found.
      const found = hits.flatMap(([of, piece]) => of === at ? (pieces[of]?.[piece]?.spans ?? []) : [])
      return judgeSpans(spans, found)
    })
  )
  return { recall: mean(judged.map(({ recall }) => recall)), iou: mean(judged.map(({ iou }) => iou)) }
}

/** A text in pieces of so many characters, wherever that cuts it. */
export const fixedPieces = (text: string, size: number): ReadonlyArray<Piece> =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, at) => {
    const span = { start: at * size, end: Math.min(text.length, (at + 1) * size) }
    return { text: text.slice(span.start, span.end), spans: [span] }
  })
