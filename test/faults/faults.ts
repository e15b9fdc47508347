import { Data, Effect, Random, Schedule } from "effect"
import type { Part, Production } from "../support/production/Production.ts"
import type { Service } from "../support/production/Service.ts"

/** Something that goes wrong while documents are being ingested. Everything works again when it completes; nobody else lends a hand. */
export interface Fault {
  readonly name: string
  readonly what: string
  /** How long the uploads are drawn out, so that there is work under way all the time. */
  readonly seconds: number
  readonly happen: (production: Production, size: Size) => Effect.Effect<void, { readonly message: string }>
}

/** How much of it: all of it takes minutes, a little is enough to notice that something broke. */
export type Size = "full" | "small"

const scaled = (size: Size, full: number, small: number) => size === "full" ? full : small

const pause = (milliseconds: number) => Effect.sleep(milliseconds)

/** Takes a part away for a while. */
const away = (part: Part, milliseconds: number) =>
  part.kill.pipe(Effect.andThen(pause(milliseconds)), Effect.andThen(part.start))

/** What goes wrong may meet what goes wrong elsewhere: then it is tried again. */
const insistently = <A, E>(effect: Effect.Effect<A, E>) => Effect.retry(effect, Schedule.spaced("500 millis"))

class NotDone extends Data.TaggedError("NotDone")<{ readonly message: string }> {}

const tried = <A>(what: () => Promise<A>) =>
  Effect.tryPromise({ try: what, catch: (error) => new NotDone({ message: String(error) }) }).pipe(insistently)

/** Starts a process as its supervisor does: one that ends because something is down is started again. */
const supervised = (service: Service) => insistently(service.start)

const killWorker: Fault["happen"] = Effect.fnUntraced(function*({ workers }, size) {
  for (let kill = 0; kill < scaled(size, 20, 3); kill++) {
    yield* pause(yield* Random.nextIntBetween(100, 1_500))
    const worker = workers[yield* Random.nextIntBetween(0, workers.length - 1)]!
    yield* worker.end("SIGKILL")
    yield* supervised(worker)
  }
})

/** A worker that stands still for longer than its lease, and goes on as if nothing had happened. */
const freezeWorker: Fault["happen"] = Effect.fnUntraced(function*({ workers }) {
  const [worker] = workers
  // By then it has its hands full.
  yield* pause(4_000)
  yield* worker!.freeze
  yield* pause(25_000)
  yield* worker!.thaw
})

const wipeStream: Fault["happen"] = Effect.fnUntraced(function*(production, size) {
  for (let time = 0; time < scaled(size, 5, 1); time++) {
    yield* pause(1_000)
    yield* deleteStreams(production.natsUrl)
  }
})

/** Deletes every stream, with all consumers and messages, as an operator's slip would. */
const deleteStreams = (url: string) =>
  tried(async () => {
    const [{ connect }, { jetstreamManager }] = await Promise.all([
      import("@nats-io/transport-node"),
      import("@nats-io/jetstream")
    ])
    const connection = await connect({ servers: url })
    try {
      const manager = await jetstreamManager(connection)
      for (const { config } of await manager.streams.list().next()) await manager.streams.delete(config.name)
    } finally {
      await connection.close()
    }
  })

/** The double's own door for orders. */
const order = (url: string, faults: object) =>
  tried(async () => {
    const response = await fetch(`${url}/faults`, { method: "PUT", body: JSON.stringify(faults) })
    if (!response.ok) throw new Error(`the embedder takes no orders: ${response.status}`)
  })

const embedderDown: Fault["happen"] = Effect.fnUntraced(function*({ embedder, parts }, size) {
  yield* pause(500)
  yield* parts.embedder.kill
  yield* pause(scaled(size, 60_000, 3_000))
  yield* parts.embedder.start
  yield* order(embedder.url, { status: 429, retryAfter: "2" })
  yield* pause(scaled(size, 30_000, 3_000))
  yield* order(embedder.url, {})
})

const outage = (part: keyof Production["parts"]): Fault["happen"] =>
  Effect.fnUntraced(function*({ parts }, size) {
    yield* pause(500)
    yield* away(parts[part], scaled(size, 20_000, 3_000))
  })

const restarts = (part: keyof Production["parts"], times: number): Fault["happen"] =>
  Effect.fnUntraced(function*({ parts }, size) {
    for (let time = 0; time < scaled(size, times, 1); time++) {
      yield* pause(1_500)
      yield* away(parts[part], 200)
    }
  })

const single: ReadonlyArray<Fault> = [
  { name: "nothing", what: "nothing goes wrong", seconds: 0, happen: () => Effect.void },
  { name: "worker", what: "kill -9 of a worker, 20 times", seconds: 25, happen: killWorker },
  { name: "nats", what: "kill -9 of nats-server, 3 times", seconds: 8, happen: restarts("nats", 3) },
  { name: "database", what: "PostgreSQL dies, 3 times", seconds: 8, happen: restarts("database", 3) },
  { name: "blobs", what: "blob store away for 20 s", seconds: 15, happen: outage("blobs") },
  { name: "search", what: "search engine away for 20 s", seconds: 15, happen: outage("search") },
  { name: "embedder", what: "embedder down 60 s, then 429 for 30 s", seconds: 20, happen: embedderDown },
  { name: "stream", what: "every stream deleted, 5 times", seconds: 8, happen: wipeStream },
  { name: "freeze", what: "a worker frozen past its lease", seconds: 12, happen: freezeWorker }
]

/** All of it in the same minutes. */
const everything: Fault = {
  name: "everything",
  what: "all of the above at once",
  seconds: 60,
  happen: (production, size) =>
    Effect.forEach(
      // What stops and starts the same process is left to one of them.
      single.filter(({ name }) => size === "full" || name !== "freeze"),
      (fault) => fault.happen(production, size),
      { concurrency: "unbounded", discard: true }
    )
}

export const faults: ReadonlyArray<Fault> = [...single, everything]
