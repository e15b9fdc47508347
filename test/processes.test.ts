import { assert, layer } from "@effect/vitest"
import { connect } from "@sheaf/sdk"
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import * as Postgres from "../packages/adapters/src/sql/postgres.ts"
import * as Cli from "./support/processes/Cli.ts"
import { freePort } from "./support/freePort.ts"
import * as Production from "./support/production/Production.ts"
import { temporaryFolder } from "./support/temporaryFolder.ts"

/** An API on production servers, and no worker yet. */
class Installation extends Context.Service<Installation, {
  readonly production: Production.Production
  readonly cwd: string
  readonly sql: SqlClient.SqlClient
}>()("sheaf/test/processes.test/Installation") {
  static readonly layer = Layer.effect(
    Installation,
    Effect.gen(function*() {
      const production = yield* Production.start({ workers: 0 })
      const context = yield* Layer.build(Postgres.layer({ url: production.databaseUrl, role: "tool" }))
      return { production, cwd: yield* temporaryFolder("processes"), sql: Context.get(context, SqlClient.SqlClient) }
    })
  )
}

/** A worker with a port for its health. */
const startWorker = Effect.fnUntraced(function*(env: Readonly<Record<string, string>> = {}) {
  const { cwd, production } = yield* Installation
  const worker = yield* Cli.start(["worker", "--health-port", "0", "--json"], {
    cwd,
    env: { ...production.env, SHEAF_EMBEDDER_THREADS: "", ...env }
  })
  yield* Effect.promise(() => worker.until("\"working\""))
  const { health } = JSON.parse(worker.stdout.split("\n")[0]!)
  return { worker, health: String(health) }
})

const look = (url: string) =>
  Effect.promise(async () => {
    const response = await fetch(url)
    return { status: response.status, body: await response.text() }
  })

/** Parts that are not ready, once there are any, or none any more. */
const missing = Effect.fnUntraced(function*(health: string, wanted: ReadonlyArray<string>) {
  const ask = Effect.map(look(`${health}/health/ready`), ({ body }) => {
    const { parts } = JSON.parse(body)
    return parts.filter(({ ok }: { readonly ok: boolean }) => !ok).map(({ name }: { readonly name: string }) => name)
  })
  return yield* Effect.repeat(Effect.andThen(Effect.sleep("200 millis"), ask), {
    until: (found) => JSON.stringify(found) === JSON.stringify(wanted),
    times: 100
  })
})

/** The double takes so long for each batch. */
const setLatency = Effect.fnUntraced(function*(latency: number) {
  const { production } = yield* Installation
  yield* Effect.promise(() =>
    fetch(`${production.embedder.url}/faults`, { method: "PUT", body: JSON.stringify({ latency }) })
  )
})

/** Who holds the job that embeds, as soon as somebody does or nobody any more. */
const embedding = Effect.fnUntraced(function*(wanted: "held" | "free") {
  const { sql } = yield* Installation
  const held = sql`select 1 from jobs where stage = 'EmbedSegments' and state = 'leased'`
  return yield* Effect.repeat(Effect.andThen(Effect.sleep("50 millis"), held), {
    until: (found) => (wanted === "held") === found.length > 0,
    times: 200
  })
})

/** Sends a document in and waits until a worker embeds it. */
const beginEmbedding = Effect.fnUntraced(function*(name: string) {
  const { production: { key, url } } = yield* Installation
  const client = connect({ url, key })
  yield* Effect.addFinalizer(() => Effect.promise(() => client.close()))
  const document = yield* Effect.promise(async () => {
    const dataset = await client.datasets.ensure("drained")
    return await client.documents.ingest({ text: `# ${name}\n\nAbout ${name}.` }, { dataset: dataset.id, name })
  })
  assert.isNotEmpty(yield* embedding("held"))
  return document
})

layer(Installation.layer, { timeout: 120_000, excludeTestServices: true })("a worker", (it) => {
  it.effect("lets what it works on end when it is asked to stop", () =>
    Effect.gen(function*() {
      const { worker } = yield* startWorker()
      yield* setLatency(3_000)
      yield* beginEmbedding("otters")
      worker.signal("SIGTERM")
      const { code, stderr } = yield* Effect.promise(() => worker.finished)
      assert.strictEqual(code, 0, stderr)
      const { sql } = yield* Installation
      // Done, and what follows is left to the next one.
      const owed = yield* sql`select stage, state from jobs`
      assert.deepStrictEqual(owed.map(({ stage, state }) => `${stage} ${state}`), ["IndexSegments ready"])
    }).pipe(Effect.scoped), 90_000)

  it.effect("gives back at once what does not end in time", () =>
    Effect.gen(function*() {
      const { worker } = yield* startWorker({ SHEAF_DRAIN: "200 millis" })
      yield* setLatency(60_000)
      const document = yield* beginEmbedding("newts")
      worker.signal("SIGTERM")
      const { code, stderr } = yield* Effect.promise(() => worker.finished)
      assert.strictEqual(code, 0, stderr)
      assert.isEmpty(yield* embedding("free"))
      // The next one has it at once, whatever the lease says.
      yield* setLatency(0)
      yield* startWorker()
      yield* Effect.promise(() => document.done())
    }).pipe(Effect.scoped), 90_000)

  it.effect("ends at once when it is asked twice", () =>
    Effect.gen(function*() {
      const { worker } = yield* startWorker()
      yield* setLatency(60_000)
      const document = yield* beginEmbedding("badgers")
      worker.signal("SIGTERM")
      yield* Effect.promise(() => worker.until("stopping"))
      worker.signal("SIGTERM")
      const { code } = yield* Effect.promise(() => worker.finished)
      assert.strictEqual(code, 143)
      // Another one takes the work over when the lease of the dead one has run out.
      yield* setLatency(0)
      yield* startWorker()
      yield* Effect.promise(() => document.done())
    }).pipe(Effect.scoped), 120_000)

  it.effect(
    "starts before what it needs, says what it waits for, and begins when that is there, as an api does",
    () =>
      Effect.gen(function*() {
        const { cwd, production: { env, parts } } = yield* Installation
        yield* parts.database.stop
        const [health, port] = [yield* freePort, yield* freePort]
        const places = [health, port].map((one) => `http://127.0.0.1:${one}`)
        const starting = yield* Effect.forEach(
          [["worker", "--health-port", `${health}`], ["api", "--port", `${port}`], ["worker"]],
          (command) => Cli.start([...command, "--json"], { cwd, env: { ...env, SHEAF_EMBEDDER_THREADS: "" } })
        )
        yield* Effect.promise(() => Promise.all(starting.map((one) => one.until("waits for database (DATABASE_URL)"))))
        for (const place of places) {
          assert.deepStrictEqual(yield* missing(place, ["database"]), ["database"])
          assert.strictEqual((yield* look(`${place}/health/ready`)).status, 503)
          assert.strictEqual((yield* look(`${place}/health/live`)).status, 200)
        }
        // Whoever is asked to stop meanwhile does.
        const [worker, api, other] = starting
        other!.signal("SIGTERM")
        yield* Effect.promise(() => other!.finished)
        assert.deepStrictEqual([worker!.ended, api!.ended], [false, false])
        yield* parts.database.start
        yield* Effect.promise(() => worker!.until("\"working\""))
        yield* Effect.promise(() => api!.until("\"listening\""))
        for (const place of places) assert.strictEqual((yield* look(`${place}/health/ready`)).status, 200)
      }).pipe(Effect.scoped),
    120_000
  )

  it.effect("says what it lacks, lives on without it, and is ready when it is back", () =>
    Effect.gen(function*() {
      const { production: { parts, url } } = yield* Installation
      const { health, worker } = yield* startWorker()
      assert.strictEqual((yield* look(`${health}/health/ready`)).status, 200)
      assert.include((yield* look(`${health}/metrics`)).body, "sheaf_jobs")
      assert.strictEqual((yield* look(`${health}/rpc/json`)).status, 404)

      yield* parts.database.stop
      const lost = ["database", "migrations"]
      assert.deepStrictEqual(yield* missing(health, lost), lost)
      assert.deepStrictEqual(yield* missing(url, lost), lost)
      assert.strictEqual((yield* look(`${health}/health/ready`)).status, 503)
      for (const process of [health, url]) assert.strictEqual((yield* look(`${process}/health/live`)).status, 200)
      yield* parts.database.start
      assert.deepStrictEqual(yield* missing(health, []), [])

      // Messages only hasten things: without them a worker is still ready.
      yield* parts.nats.kill
      assert.deepStrictEqual(yield* missing(health, ["nats"]), ["nats"])
      assert.strictEqual((yield* look(`${health}/health/ready`)).status, 200)
      yield* parts.nats.start

      for (const part of ["blobs", "search", "embedder"] as const) {
        yield* parts[part].kill
        assert.deepStrictEqual(yield* missing(health, [part]), [part])
        assert.strictEqual((yield* look(`${health}/health/ready`)).status, 503)
        // The api does what can be done without, and says what it lacks.
        assert.deepStrictEqual(yield* missing(url, [part]), [part])
        assert.strictEqual((yield* look(`${url}/health/ready`)).status, 200)
        yield* parts[part].start
        assert.deepStrictEqual(yield* missing(health, []), [], part)
        assert.deepStrictEqual(yield* missing(url, []), [], part)
      }
      assert.isFalse(worker.ended)
    }).pipe(Effect.scoped), 180_000)
})
