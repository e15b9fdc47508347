// Claim: an upload is answered at once, and what happens next can be seen at once.
// - the answer comes within 50 ms after the last byte: a small PDF and one of 15 MB (which is on the disk by then)
// - the first news of the work comes within 300 ms after the answer
// - a page of PDF, never seen before, is found by a search within 1 s after the call to `ingest`
// How: a server process over loopback, through the SDK; its `fetch` hands over the last byte by itself, to see when that goes.
import { Clock, Effect, FileSystem } from "effect"
import type { Sheaf, Source } from "@sheaf/sdk/effect"
import * as Bench from "../framework/Bench.ts"
import { median, percentile, timed } from "../framework/measure.ts"
import { onePagePdf, picturePdf } from "../inputs/pdf.ts"
import * as Server from "../support/Server.ts"

const small = 20
const large = 5

/** A `fetch` that keeps back the last byte of an upload until all others are taken. */
const makeWatch = () => {
  const watch = { lastByteMs: 0 }
  const fetch: typeof globalThis.fetch = (input, init) => {
    const body = init?.body
    if (!(body instanceof Uint8Array) || body.length < 2) return globalThis.fetch(input, init)
    const pieces = [body.subarray(0, -1), body.subarray(-1)]
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        const piece = pieces.shift()
        if (pieces.length === 0) watch.lastByteMs = performance.now()
        if (piece === undefined) controller.close()
        else controller.enqueue(piece)
      }
    }, { highWaterMark: 0 })
    // A stream as a body needs `duplex`, which the types of Node know and those of browsers do not.
    const streamed: RequestInit & { readonly duplex: "half" } = { ...init, body: stream, duplex: "half" }
    return globalThis.fetch(input, streamed)
  }
  return { watch, fetch }
}

export default Bench.make({
  name: "upload",
  claim: "an upload is answered at once, and soon seen and found",
  minutes: 4,
  run: Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const { fetch, watch } = makeWatch()
    const { dataset, sheaf } = yield* Server.warm({ embedder: "bundled", fetch })

    const one = Effect.fnUntraced(function*(source: Source) {
      const begin = yield* Clock.currentTimeNanos
      const accepted = yield* sheaf.documents.ingest(source, { dataset, name: "bench.pdf", ifSame: "new" })
      const answerMs = performance.now() - watch.lastByteMs
      let newsMs = Number.NaN
      const waited = yield* timed(accepted.done({
        onProgress: () => {
          if (Number.isNaN(newsMs)) newsMs = performance.now() - watch.lastByteMs - answerMs
        }
      }))
      const hit = yield* firstHit(sheaf, dataset, accepted.id)
      const foundMs = Number((yield* Clock.currentTimeNanos) - begin) / 1e6
      return { answerMs, newsMs, foundMs, doneMs: waited.ms, hit }
    })

    const pages = yield* Effect.forEach(
      Array.from({ length: small }, (_, index) => 100 + index),
      (seed) => Effect.flatMap(onePagePdf(seed), one)
    )
    const bytes = yield* fs.readFile(yield* picturePdf)
    const bigAnswers = yield* Effect.forEach(Array.from({ length: large }), () =>
      Effect.gen(function*() {
        const { id } = yield* sheaf.documents.ingest(bytes, { dataset, name: "large.pdf", ifSame: "new", lane: "bulk" })
        const answerMs = performance.now() - watch.lastByteMs
        yield* sheaf.documents.cancel(id)
        return answerMs
      }))
    const of = (pick: (page: (typeof pages)[number]) => number) => pages.map(pick)
    const figures = (name: string, values: ReadonlyArray<number>, atMost: number): ReadonlyArray<Bench.Figure> => [
      { name, value: median(values), unit: "ms", target: { atMost }, note: `median of ${values.length}` },
      { name: `${name}, p95`, value: percentile(values, 0.95), unit: "ms" }
    ]
    return [
      ...figures("answer after last byte, one page", of((page) => page.answerMs), 50),
      ...figures("answer after last byte, 15 MB", bigAnswers, 50),
      ...figures("first progress after the answer", of((page) => page.newsMs), 300),
      ...figures("one page found by search", of((page) => page.foundMs), 1_000)
    ]
  })
})

/** Searches until the document is among the hits. */
const firstHit = (sheaf: Sheaf["Service"], dataset: string, documentId: string) =>
  sheaf.search({
    text: "pressure",
    datasets: [{ id: dataset }],
    filter: { field: "$documentId", eq: documentId },
    limit: 1
  }).pipe(Effect.repeat({ until: ({ hits }) => hits.length > 0 }))
