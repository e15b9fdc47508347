// Claim: a PDF of 200 pages of text is searchable in a minute on two cores, and nearly all of that is embedding.
// - 200 pages of text (600 KB, 107,000 words), end to end: at most 60 s; the 195-page one with pictures (15 MB) beside it
// - with an embedder that answers at once, at least 0.6 of the speed of pdf.js that only reads the text, in one process (the same
//   files, in the same run): parsing into elements with boxes, chunking, analysis, index and every write to the database included
// How: a server process over loopback, through the SDK, from the call to `ingest` until `done`; both servers warm.
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
    // Three files of other text: the same text again would find its vectors in the cache.
    const files = yield* Effect.forEach([200, 201, 202], (seed) => textPdf(200, seed))
    const warmUp = yield* textPdf(100)
    const pictures = yield* picturePdf

    const instant = yield* Effect.scoped(Effect.gen(function*() {
      const { dataset, sheaf } = yield* Server.warm({ embedder: "instant" })
      yield* Server.ingest(sheaf, warmUp, dataset)
      const text = yield* Effect.forEach(files, (file) => Server.ingest(sheaf, file, dataset))
      const { ms: picturesMs } = yield* Server.ingest(sheaf, pictures, dataset)
      return { text, picturesMs }
    }))
    const bare = (yield* barePdfjs([warmUp, ...files, pictures])).map(({ ms }) => ms)
    const bareText = bare.slice(0, files.length)
    const barePictures = bare.at(-1)!

    const { dataset, sheaf } = yield* Server.warm({ embedder: "bundled" })
    const real = yield* Server.ingest(sheaf, files[0]!, dataset)
    const realPictures = yield* Server.ingest(sheaf, pictures, dataset)

    const instantMs = median(instant.text.map(({ ms }) => ms))
    const stages = instant.text.map(({ document }) => document.run?.timings ?? {})
    return [
      { name: "200 pages of text", value: real.ms / 1_000, unit: "s", target: { atMost: 60 } },
      { name: "200 pages of text, a page", value: real.ms / 200_000, unit: "s" },
      { name: "share of embedding", value: 1 - instant.text[0]!.ms / real.ms, unit: "" },
      { name: "195 pages with pictures", value: realPictures.ms / 1_000, unit: "s" },
      { name: "195 pages with pictures, a page", value: realPictures.ms / 195_000, unit: "s" },
      { name: "200 pages, instant embedder", value: instantMs / 1_000, unit: "s", note: `median of ${files.length}` },
      { name: "200 pages, bare pdf.js", value: median(bareText) / 1_000, unit: "s", note: `median of ${files.length}` },
      { name: "speed of bare pdf.js", value: median(bareText) / instantMs, unit: "x", target: { atLeast: 0.6 } },
      {
        name: "the same with pictures",
        value: barePictures / instant.picturesMs,
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
