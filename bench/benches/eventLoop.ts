// Claim: ingesting never makes those wait who are served. While a 200-page PDF and a 15 MB one are uploaded and worked on, timers of
// the serving process are at most 20 ms later (p99) than those of a process that does nothing on the same machine at the same time.
// How: `monitorEventLoopDelay` in both processes over the same time; once with the bundled embedder, which keeps all cores busy, and
// once with one that answers at once, which makes the process write as fast as it can.
import { Effect } from "effect"
import * as Bench from "../framework/Bench.ts"
import { picturePdf, textPdf } from "../inputs/pdf.ts"
import * as Program from "../support/Program.ts"
import * as Server from "../support/Server.ts"

const measure = Effect.fnUntraced(function*(embedder: "bundled" | "instant") {
  const files = [yield* textPdf(200), yield* picturePdf]
  const { dataset, program, sheaf } = yield* Server.warm({ embedder })
  const idle = yield* Program.start("idle.ts")
  yield* Effect.all([program.resetLoop, idle.resetLoop])
  yield* Effect.forEach(files, (file) => Server.ingest(sheaf, file, dataset), { concurrency: "unbounded" })
  const serving = yield* program.loop
  const control = yield* idle.loop
  const figures: ReadonlyArray<Bench.Figure> = [
    {
      name: `p99 above idle, ${embedder} embedder`,
      value: serving.p99 - control.p99,
      unit: "ms",
      target: { atMost: 20 }
    },
    { name: `p99 serving, ${embedder} embedder`, value: serving.p99, unit: "ms" },
    { name: `p99 idle, ${embedder} embedder`, value: control.p99, unit: "ms" },
    { name: `longest serving, ${embedder} embedder`, value: serving.max, unit: "ms" },
    { name: `longest idle, ${embedder} embedder`, value: control.max, unit: "ms" }
  ]
  return figures
}, Effect.scoped)

export default Bench.make({
  name: "event-loop",
  claim: "who is served does not wait for who is ingested",
  minutes: 8,
  run: Effect.gen(function*() {
    return [...yield* measure("instant"), ...yield* measure("bundled")]
  })
})
