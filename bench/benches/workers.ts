// Claim: where embedding is what takes time, two workers do at least 1.8 times the work of one.
// How: the production profile on this machine (PostgreSQL, nats-server, Azurite, the doubles of Typesense and of a GPU worker, an API, two
// workers). The embedder takes 100 ms a batch, and a worker has at most 4 batches under way. The same number of documents with texts never
// seen before, with one worker and with both in turns; so many that what one still has at the end, when the other has nothing left, does not
// count for much.
import { connect } from "@sheaf/sdk"
import { Effect } from "effect"
import * as Production from "../../test/support/production/Production.ts"
import * as Bench from "../framework/Bench.ts"
import { median, timed } from "../framework/measure.ts"
import { makePassages } from "../inputs/passages.ts"

const rounds = 3
const documents = 120
const passagesEach = 14
const passageWords = 220

const library = (round: number) => {
  const { passage } = makePassages(1_000 + round)
  return Array.from(
    { length: documents },
    () => Array.from({ length: passagesEach }, () => passage(passageWords)).join("\n\n")
  )
}

export default Bench.make({
  name: "workers",
  claim: "two workers do 1.8 times the work of one, where embedding is what takes time",
  minutes: 12,
  run: Effect.gen(function*() {
    const production = yield* Production.start({
      workers: 2,
      batchMs: 100,
      batchItems: 1,
      batchesAtOnce: 64,
      env: { SHEAF_EMBEDDER_CONCURRENCY: "4" }
    })
    const sheaf = yield* Effect.acquireRelease(
      Effect.sync(() => connect({ url: production.url, key: production.key })),
      (client) => Effect.promise(() => client.close())
    )
    const { id: dataset } = yield* Effect.promise(() => sheaf.datasets.create({ name: "bench" }))
    const [first, second] = [production.workers[0]!, production.workers[1]!]

    /** Segments per second, from the first upload to the last publication. */
    const speed = Effect.fnUntraced(function*(round: number) {
      const texts = library(round)
      const { ms, value: segments } = yield* timed(Effect.promise(async () => {
        const done = await Promise.all(
          texts.map(async (text, at) => {
            const doc = await sheaf.documents.ingest({ text }, { dataset, name: `${round}-${at}.txt` })
            return doc.done()
          })
        )
        return done.reduce((sum, { segments }) => sum + segments, 0)
      }))
      return segments / (ms / 1_000)
    })

    yield* speed(0)
    const [one, two]: [Array<number>, Array<number>] = [[], []]
    for (let round = 0; round < rounds; round++) {
      yield* second.end("SIGTERM")
      one.push(yield* speed(2 * round + 1))
      yield* second.start
      two.push(yield* speed(2 * round + 2))
    }
    yield* first.end("SIGTERM")
    const ratios = one.map((alone, round) => two[round]! / alone)
    return [
      { name: "one worker", value: median(one), unit: "segments/s" },
      { name: "two workers", value: median(two), unit: "segments/s" },
      { name: "two workers to one", value: median(ratios), unit: "x", target: { atLeast: 1.8 } }
    ]
  })
})
