// Claim: 1,000 watchers who are told something every second hear of it within 100 ms (p99).
// How: an API on PostgreSQL in a process of its own; 1,000 readers over eight WebSocket connections, from the SDK in this process. First
// each watches a document of its own, and every document makes a step a second, 20 of them together, 50 times a second; then 100 of them
// read the events of the tenant, of which there is one a second, so that all are told at the same moment. From the instant that the database notes with the change to the moment that the
// reader has it, over ten seconds after five that warm up. All share this machine's cores with the database and with whoever else is at
// work on it.
import { connect, type SheafClient } from "@sheaf/sdk"
import { Effect, FileSystem, Schema } from "effect"
import * as Bench from "../framework/Bench.ts"
import { percentile } from "../framework/measure.ts"
import * as Program from "../support/Program.ts"
import * as servers from "../support/servers.ts"

const watchers = 1_000
const readersOfEvents = 100
const connections = 8
const warmUp = "5 seconds"
const seconds = 10

const Ready = Schema.Struct({ url: Schema.String, key: Schema.String, documentIds: Schema.Array(Schema.String) })

const now = () => performance.timeOrigin + performance.now()

/** For iterables, which no effect runs. */
const makeStop = () => new AbortController()

/** Reads until it is stopped, and notes how long each item was on its way. */
const read = async (items: AsyncIterable<Date>, note: (delay: number) => void) => {
  for await (const at of items) note(now() - at.getTime())
}

async function* progress(sheaf: SheafClient, documentId: string, signal: AbortSignal) {
  for await (const look of sheaf.documents.progress(documentId, { signal })) yield look.since
}

async function* events(sheaf: SheafClient, signal: AbortSignal) {
  for await (const event of sheaf.events.since(undefined, { signal })) yield event.at
}

export default Bench.make({
  name: "watchers",
  claim: "1,000 watchers at one event a second each hear of it within 100 ms",
  minutes: 5,
  run: Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const { url: database } = yield* servers.postgres
    const folder = yield* fs.makeTempDirectoryScoped({ prefix: "sheaf-bench-" })
    const api = yield* Program.start("watched.ts", [database, folder, String(watchers)])
    const { documentIds, key, url } = yield* Schema.decodeUnknownEffect(Ready)(api.ready)
    const clients = yield* Effect.acquireRelease(
      Effect.sync(() => Array.from({ length: connections }, () => connect({ url, key }))),
      (clients) => Effect.promise(() => Promise.all(clients.map((client) => client.close())))
    )

    const measure = Effect.fnUntraced(function*(
      kind: string,
      readers: number,
      open: (sheaf: SheafClient, at: number, signal: AbortSignal) => AsyncIterable<Date>
    ) {
      const stop = makeStop()
      const delays: Array<number> = []
      let counting = false
      const note = (delay: number) => {
        if (counting) delays.push(delay)
      }
      const reading = Array.from(
        { length: readers },
        (_, at) => read(open(clients[at % connections]!, at, stop.signal), note).catch(() => {})
      )
      yield* api.tell(kind)
      yield* Effect.sleep(warmUp)
      counting = true
      yield* Effect.sleep(seconds * 1_000)
      counting = false
      yield* api.tell("nothing")
      stop.abort()
      yield* Effect.promise(() => Promise.all(reading))
      return delays
    })

    const figures = (
      name: string,
      delays: ReadonlyArray<number>,
      readers: number,
      target?: Bench.Figure["target"]
    ): ReadonlyArray<Bench.Figure> => [
      {
        name: `${name}: delay p99`,
        value: percentile(delays, 0.99),
        unit: "ms",
        ...(target !== undefined && { target }),
        note: `median ${percentile(delays, 0.5).toFixed(0)} ms, at most ${Math.max(...delays).toFixed(0)} ms`
      },
      { name: `${name}: heard of all there were`, value: delays.length / (readers * seconds), unit: "x" }
    ]
    const looks = yield* measure("progress", watchers, (sheaf, at, signal) => progress(sheaf, documentIds[at]!, signal))
    const heard = yield* measure("events", readersOfEvents, (sheaf, _, signal) => events(sheaf, signal))
    return figures("progress", looks, watchers, { atMost: 100 }).concat(
      figures("events, all at once", heard, readersOfEvents)
    )
  })
})
