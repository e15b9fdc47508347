// Claim: a PDF of 200 pages of text is searchable in a minute on two cores, and nearly all of that is embedding.
// - 200 pages of text (600 KB, 107,000 words), end to end: at most 60 s; the 195-page one with pictures (15 MB) beside it
// - with an embedder that answers at once, at least 0.6 of the speed of pdf.js that only reads the text, in one process (the same
//   files, in the same run): parsing into elements with boxes, chunking, analysis, index and every write to the database included
// How: a server process over loopback, through the SDK, from the call to `ingest` until `done`; both servers warm, and each of the parsers'
// two processes has read as many pages as bare pdf.js has by then.
import { Effect } from "effect"
import * as Bench from "../framework/Bench.ts"
import { mean, median } from "../framework/measure.ts"
import { picturePdf, textPdf } from "../inputs/pdf.ts"
import { barePdfjs } from "../support/barePdfjs.ts"
import * as Server from "../support/Server.ts"

export default Bench.make({
  name: "pdf-text",
  claim: "200 pages of PDF in a minute, most of it embedding",
  minutes: 12,
  run: Effect.gen(function*() {
    // Files of other text: the same text again would find its vectors in the cache.
    const files = yield* Effect.forEach([200, 201, 202, 203, 204], (seed) => textPdf(200, seed))
    const warmUp = yield* textPdf(100)
    const other = yield* textPdf(100, 205)
    const pictures = yield* picturePdf

    // Each file by both, one right after the other: the machine may be another one a minute later.
    const instant = yield* Effect.scoped(Effect.gen(function*() {
      const { dataset, sheaf } = yield* Server.warm({ embedder: "instant" })
      for (const file of [warmUp, other]) yield* Server.ingest(sheaf, file, dataset)
      return yield* Effect.forEach([...files, pictures], (file) =>
        Effect.gen(function*() {
          const ours = yield* Server.ingest(sheaf, file, dataset)
          const [bare] = yield* barePdfjs([warmUp, file])
          return { ...ours, bareMs: bare!.ms }
        }))
    }))
    const text = instant.slice(0, files.length)
    const withPictures = instant.at(-1)!

    const { dataset, sheaf } = yield* Server.warm({ embedder: "bundled" })
    const real = yield* Server.ingest(sheaf, files[0]!, dataset)
    const realPictures = yield* Server.ingest(sheaf, pictures, dataset)

    const stages = text.map(({ document }) => document.run?.timings ?? {})
    const each = `median of ${files.length}`
    return [
      { name: "200 pages of text", value: real.ms / 1_000, unit: "s", target: { atMost: 60 } },
      { name: "200 pages of text, a page", value: real.ms / 200_000, unit: "s" },
      { name: "share of embedding", value: 1 - text[0]!.ms / real.ms, unit: "" },
      { name: "195 pages with pictures", value: realPictures.ms / 1_000, unit: "s" },
      { name: "195 pages with pictures, a page", value: realPictures.ms / 195_000, unit: "s" },
      { name: "200 pages, instant embedder", value: median(text.map(({ ms }) => ms)) / 1_000, unit: "s", note: each },
      {
        name: "200 pages, bare pdf.js",
        value: median(text.map(({ bareMs }) => bareMs)) / 1_000,
        unit: "s",
        note: each
      },
      {
        name: "speed of bare pdf.js",
        value: median(text.map(({ bareMs, ms }) => bareMs / ms)),
        unit: "x",
        note: each,
        target: { atLeast: 0.6 }
      },
      {
        name: "the same with pictures",
        value: withPictures.bareMs / withPictures.ms,
        unit: "x",
        target: { atLeast: 0.6 }
      },
      ...["parse", "chunk", "embed", "index", "publish"].map((stage) => ({
        name: `of it ${stage}`,
        value: mean(stages.map((timings) => timings[stage] ?? 0)) / 1_000,
        unit: "s",
        note: "summed over jobs, some at a time"
      }))
    ]
  })
})
