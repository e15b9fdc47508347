// Claim: owed work costs no more than in a queue that is nothing but a queue. A job is sent in a transaction that writes a row of the
// application as well, is heard of, claimed, worked on (which is nothing) and settled, several at a time:
// - at least as many a second as pg-boss with transactional sends, batches as large as others work on at a time, one completion a batch
// - at least twice as many as graphile-worker
// - bare JetStream (publish, consume, acknowledge) and BullMQ on Redis, which know of no transaction, to compare with
// How: a process each, one after the other, three times in turns, the medians; one PostgreSQL server for all, which writes to the disk
// what it acknowledges, as does Redis (appendfsync always). JetStream keeps its file without waiting for the disk, as it always does.
// The packages of the peers are installed when this bench first runs (bench/peer-queues, 33 MB).
import { Effect, Schema } from "effect"
import { fileURLToPath } from "node:url"
import * as NatsServer from "../../test/support/backends/NatsServer.ts"
import * as Bench from "../framework/Bench.ts"
import { median } from "../framework/measure.ts"
import { runNode } from "../support/node.ts"
import * as peers from "../support/peers.ts"
import * as servers from "../support/servers.ts"

const own = fileURLToPath(new URL("../programs/jobs.ts", import.meta.url))

const jobs = 4_000
const concurrency = 8
const rounds = 3

const Line = Schema.fromJsonString(Schema.Struct({ perSecond: Schema.Finite, cpuMs: Schema.Finite }))

export default Bench.make({
  name: "jobs",
  claim: "owed work costs no more than in a queue that is nothing but a queue",
  minutes: 10,
  run: Effect.gen(function*() {
    const folder = yield* peers.install("peer-queues", "other queues")
    const postgres = yield* servers.postgres
    const nats = yield* NatsServer.start({ jetstream: true })
    const contenders = {
      Sheaf: [own, postgres.url],
      "pg-boss": ["pgBoss.mjs", yield* postgres.fresh("boss")],
      "graphile-worker": ["graphileWorker.mjs", yield* postgres.fresh("graphile")],
      BullMQ: ["bullmq.mjs", yield* servers.redis],
      JetStream: ["jetstream.mjs", nats.url]
    } as const
    type Name = keyof typeof contenders
    const names = Object.keys(contenders) as ReadonlyArray<Name>
    const found = new Map<Name, Array<typeof Line.Type>>(names.map((name) => [name, []]))
    for (let round = 0; round < rounds; round++) {
      for (const name of names) {
        const [program, url] = contenders[name]
        const output = yield* runNode([program, url, `${jobs}`, `${concurrency}`], { cwd: folder })
        found.get(name)!.push(yield* Schema.decodeEffect(Line)(output.trim()))
      }
    }
    const rate = (name: Name) => median(found.get(name)!.map(({ perSecond }) => perSecond))
    const cpu = (name: Name) => median(found.get(name)!.map(({ cpuMs }) => cpuMs))
    const ratio = (name: Name, target?: Bench.Figure["target"]): Bench.Figure => ({
      name: `Sheaf to ${name}`,
      value: rate("Sheaf") / rate(name),
      unit: "x",
      ...(target !== undefined && { target })
    })
    return [
      ...names.map((name): Bench.Figure => ({
        name,
        value: rate(name),
        unit: "jobs/s",
        note: `${cpu(name).toFixed(2)} ms of Node's time a job`
      })),
      ratio("pg-boss", { atLeast: 1 }),
      ratio("graphile-worker", { atLeast: 2 }),
      ratio("BullMQ"),
      ratio("JetStream")
    ]
  })
})
