// Claim: among 20,000 segments a search takes 40 ms in the middle and 150 ms at worst (p99), without the time that a model takes for
// the vector of the question.
// How: 200 questions of 4 to 8 words of one passage, one after the other through the SDK, in each mode; made vectors, and texts over a
// vocabulary of 30,000 words by Zipf's law. The folder is filled past the pipeline, to save time (`programs/fill.ts`).
import { Effect, FileSystem } from "effect"
import { fileURLToPath } from "node:url"
import * as Bench from "../framework/Bench.ts"
import { median, percentile, timed } from "../framework/measure.ts"
import { makePassages } from "../inputs/passages.ts"
import { runNode } from "../support/node.ts"
import * as Server from "../support/Server.ts"

const segments = 20_000
const questions = 200
const warmUp = 20

const fill = fileURLToPath(new URL("../programs/fill.ts", import.meta.url))

export default Bench.make({
  name: "search-scale",
  claim: "a search among 20,000 segments is quick",
  minutes: 10,
  run: Effect.gen(function*() {
    const home = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped({ prefix: "sheaf-bench-" })
    const { ms: fillMs } = yield* timed(runNode([fill, home, `${segments}`]))
    const { sheaf } = yield* Server.start({ embedder: "instant", home })
    const { id } = yield* sheaf.datasets.get("bench")
    // The same seed as the filling: these are the passages of the first documents.
    const { passage, question } = makePassages(1)
    const asked = Array.from({ length: questions + warmUp }, () => passage(180)).map(question)
    const figures: Array<Bench.Figure> = []
    for (const mode of ["keyword", "vector", "hybrid"] as const) {
      const times = yield* Effect.forEach(asked, (text) =>
        timed(
          sheaf.search({ text, mode, datasets: [{ id }] }).pipe(
            Effect.filterOrElse(({ hits }) => hits.length > 0, () => Effect.die(new Error(`nothing found for ${text}`)))
          )
        ))
      const rest = times.slice(warmUp).map(({ ms }) => ms)
      figures.push(
        { name: `${mode}, p50`, value: median(rest), unit: "ms", target: { atMost: 40 } },
        { name: `${mode}, p99`, value: percentile(rest, 0.99), unit: "ms", target: { atMost: 150 } }
      )
    }
    return [...figures, { name: "filling past the pipeline", value: segments / fillMs * 1_000, unit: "segments/s" }]
  })
})
