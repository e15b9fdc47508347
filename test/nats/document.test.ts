import { jetstream } from "@nats-io/jetstream"
import { type NatsConnection, type Subscription } from "@nats-io/transport-node"
import { assert, it } from "@effect/vitest"
import { jsonSchemas } from "@sheaf/domain/ingest/jsonSchemas"
import { newId } from "@sheaf/adapters/repos/newId"
import { TenantsRepo } from "@sheaf/adapters/repos/access/TenantsRepo"
import { Caller } from "@sheaf/domain/edge/Caller"
import { ApiKeyId, TenantId } from "@sheaf/domain/ids"
import { Effect, Layer, Queue } from "effect"
import { SqlClient } from "effect/sql"
import { execFile } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { makeDataset } from "../repos/world.ts"
import { codeBlocks } from "../support/codeBlocks.ts"
import * as Database from "../support/database/Database.ts"
import * as NatsServer from "../support/backends/NatsServer.ts"
import { temporaryFolder } from "../support/temporaryFolder.ts"
import { connect, listen, manager, until, worker } from "./support/exchange.ts"
import { census, live, over } from "./support/world.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const text = Fs.readFileSync(Path.join(root, "docs/nats.md"), "utf8")
const blocks = (language: string) => codeBlocks(text).filter((block) => block.language === language)

/** The tenants that the document speaks of. */
const shopId = "0190f5fe-7c00-7000-8000-00000000000a"
const bankId = "0190f5fe-7c00-7000-8000-00000000000b"

interface Output {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const execute = (args: ReadonlyArray<string>, cwd: string, env: Record<string, string> = {}) =>
  Effect.callback<Output>((resume) => {
    const child = execFile(
      process.execPath,
      [...args],
      { cwd, env, timeout: 60_000 },
      (error, stdout, stderr) =>
        resume(Effect.succeed({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }))
    )
    return Effect.sync(() => child.kill())
  })

/** The server of the document's own configuration, a Sheaf on it, and two tenants with the document's ids. */
const makeWorld = Effect.gen(function*() {
  const [config] = blocks("conf")
  const server = yield* NatsServer.start({ config: config!.code })
  const sql = yield* SqlClient.SqlClient
  const tenants = yield* TenantsRepo
  for (const [id, name] of [[shopId, "shop"], [bankId, "bank"]] as const) {
    yield* sql`insert into tenants (id, name) values (${id}, ${name})`
    assert.isTrue((yield* tenants.findByName(name))._tag === "Some")
  }
  const as = (user: string) => server.url.replace("//", `//${user}:${encodeURIComponent(`change me: ${user}`)}@`)
  yield* Layer.build(worker(server, "sheaf", as("sheaf")))
  const user = (name: string) =>
    connect(server.url, { user: name, pass: `change me: ${name}`, inboxPrefix: `_INBOX_${name}` })
  return {
    server,
    shop: yield* user("shop"),
    bank: yield* user("bank"),
    sheaf: yield* connect(server.url, { user: "sheaf", pass: "change me: sheaf" })
  }
})

const eventOf = (eventId: string, content = eventId) =>
  JSON.stringify({ version: 1, eventId, dataset: { name: "manuals" }, name: "a.txt", content: { text: content } })

/** Whether the server takes a message from this user. */
const mayPublish = (connection: NatsConnection, subject: string, payload = "{}") =>
  Effect.promise(() =>
    connection.request(subject, payload, { timeout: 1_000 }).then(
      () => true,
      (error: Error) => {
        assert.include(String(error.cause ?? error), "Permissions Violation", subject)
        return false
      }
    )
  )

/** Whether the server lets this user subscribe. */
const mayListen = (connection: NatsConnection, subject: string) =>
  Effect.promise(async () => {
    const subscription: Subscription = connection.subscribe(subject)
    await connection.flush()
    const ended = await Promise.race([subscription.closed, connection.flush().then(() => undefined)])
    await connection.rtt()
    const open = !subscription.isClosed() && !(ended instanceof Error)
    subscription.unsubscribe()
    return open
  })

const withDatabase = <A, E, R>(body: Effect.Effect<A, E, R>) =>
  Effect.provide(body, over(Database.pgliteLayer)).pipe(live)

it.effect("the document's server keeps two tenants apart", () =>
  withDatabase(Effect.gen(function*() {
    const { bank, sheaf, shop } = yield* makeWorld
    const heardByShop = yield* listen(shop, `sheaf.events.${shopId}.>`)
    const heardByBank = yield* listen(bank, `sheaf.events.${bankId}.>`)
    const heardBySheaf = yield* listen(sheaf, "sheaf.events.>")

    // Its own, and its own alone.
    assert.isTrue(yield* mayPublish(shop, `sheaf.ingest.${shopId}`, eventOf("mine")))
    const verdict = yield* Queue.take(heardByShop)
    assert.strictEqual(verdict.subject, `sheaf.events.${shopId}.ingest.mine.rejected`)
    const theirs = [
      `sheaf.ingest.${bankId}`,
      `sheaf.events.${shopId}.ingest.mine.accepted`,
      `sheaf.events.${bankId}.ingest.mine.accepted`,
      "$JS.API.STREAM.INFO.SHEAF_EVENTS",
      "$JS.API.STREAM.MSG.GET.SHEAF_EVENTS",
      "$JS.API.STREAM.PURGE.SHEAF_INGEST",
      "$JS.API.DIRECT.GET.SHEAF_EVENTS",
      `$JS.API.CONSUMER.CREATE.SHEAF_EVENTS.x.sheaf.events.${bankId}.>`,
      "$JS.API.CONSUMER.CREATE.SHEAF_EVENTS",
      "$JS.API.CONSUMER.DURABLE.CREATE.SHEAF_EVENTS.x",
      "$JS.API.CONSUMER.MSG.NEXT.SHEAF_INGEST.ingest",
      "sheaf.signals.RunControl",
      "sheaf.jobs.ParsePages.interactive"
    ]
    for (const subject of theirs) assert.isFalse(yield* mayPublish(shop, subject), subject)
    const closed = [
      `sheaf.events.${bankId}.>`,
      `sheaf.progress.${bankId}.>`,
      "sheaf.events.*.ingest.>",
      "sheaf.events.>",
      "sheaf.>",
      ">",
      `sheaf.ingest.${shopId}`,
      `sheaf.ingest.${bankId}`,
      "_INBOX_bank.>",
      "_INBOX.>",
      "$JS.>"
    ]
    for (const subject of closed) assert.isFalse(yield* mayListen(shop, subject), subject)
    assert.isTrue(yield* mayListen(shop, `sheaf.progress.${shopId}.>`))

    // A payload that names another tenant, and receipts that are sent to one.
    const named = JSON.stringify({ ...JSON.parse(eventOf("posing")), tenant: bankId })
    assert.isTrue(yield* mayPublish(shop, `sheaf.ingest.${shopId}`, named))
    const posing = yield* Queue.take(heardByShop)
    assert.strictEqual(posing.subject, `sheaf.events.${shopId}.ingest.posing.rejected`)
    assert.include(JSON.stringify(posing.json), "TenantMismatch")
    shop.publish(`sheaf.ingest.${shopId}`, eventOf("receipt"), { reply: `sheaf.ingest.${bankId}` })
    assert.include((yield* Queue.take(heardByShop)).subject, "ingest.receipt.")
    const streams = yield* manager(sheaf)
    yield* until(Effect.map(
      Effect.promise(() => streams.consumers.info("SHEAF_INGEST", "ingest")),
      (info) => info.num_pending + info.num_ack_pending === 0
    ))
    assert.strictEqual((yield* Queue.clear(heardByBank)).length, 0)
    const all = yield* Queue.clear(heardBySheaf)
    assert.isAbove(all.length, 0)
    assert.isTrue(all.every(({ subject }) => subject.startsWith(`sheaf.events.${shopId}.`)))
    const sql = yield* SqlClient.SqlClient
    assert.lengthOf(yield* sql`select * from ingest_events where tenant_id = ${bankId}`, 0)
  })), 60_000)

it.effect(
  "a durable consumer that was made for a tenant reads that tenant's events",
  () =>
    withDatabase(Effect.gen(function*() {
      const [config] = blocks("conf")
      const grants = /# publish: (.*)/.exec(text)![1]!
      const server = yield* NatsServer.start({
        config: config!.code.replace(`["sheaf.ingest.${shopId}"]`, `["sheaf.ingest.${shopId}", ${grants}]`)
      })
      const sheaf = yield* connect(server.url, { user: "sheaf", pass: "change me: sheaf" })
      const shop = yield* connect(server.url, { user: "shop", pass: "change me: shop", inboxPrefix: "_INBOX_shop" })
      const streams = yield* manager(sheaf)
      yield* Layer.build(worker(server, "sheaf", server.url.replace("//", "//sheaf:change%20me%3A%20sheaf@")))
      yield* Effect.promise(() =>
        streams.consumers.add("SHEAF_EVENTS", {
          durable_name: "shop",
          filter_subject: `sheaf.events.${shopId}.>`,
          ack_policy: "explicit"
        })
      )
      const script = jetstream(sheaf)
      yield* Effect.promise(() => script.publish(`sheaf.events.${bankId}.datasets.x.created`, "theirs"))
      yield* Effect.promise(() => script.publish(`sheaf.events.${shopId}.datasets.x.created`, "mine"))
      const answer = yield* Effect.promise(async () => {
        const consumer = await jetstream(shop).consumers.get("SHEAF_EVENTS", "shop")
        const message = await consumer.next({ expires: 5_000 })
        await message!.ackAck()
        return message!.string()
      })
      assert.strictEqual(answer, "mine")
      const { num_ack_pending, num_pending } = yield* Effect.promise(() =>
        streams.consumers.info("SHEAF_EVENTS", "shop")
      )
      assert.deepStrictEqual([num_ack_pending, num_pending], [0, 0])
    })),
  60_000
)

it.effect(
  "the document's publisher compiles, and does what it says without a line of ours",
  () =>
    withDatabase(Effect.gen(function*() {
      const { server } = yield* makeWorld
      const sql = yield* SqlClient.SqlClient
      const tenantId = TenantId.make(shopId)
      const keyId = yield* newId(ApiKeyId)
      const datasetId = yield* makeDataset(new Caller({ tenantId, keyId, scopes: ["admin"], datasetIds: null }))
      const folder = yield* temporaryFolder("publisher")
      Fs.symlinkSync(Path.join(root, "node_modules"), Path.join(folder, "node_modules"))
      Fs.writeFileSync(Path.join(folder, "package.json"), JSON.stringify({ type: "module" }))
      Fs.writeFileSync(Path.join(folder, "pump.md"), "# Pump 4711")
      const files = blocks("ts").map(({ code, line }) => {
        const name = `line-${line}.ts`
        Fs.writeFileSync(Path.join(folder, name), code)
        return { name, code }
      })
      for (const { code } of files) assert.notInclude(code, "sheaf/")
      const compilerOptions = {
        noEmit: true,
        strict: true,
        module: "nodenext",
        target: "es2024",
        types: ["node"],
        skipLibCheck: true
      }
      Fs.writeFileSync(
        Path.join(folder, "tsconfig.json"),
        JSON.stringify({ compilerOptions, files: files.map(({ name }) => name) })
      )
      const compiled = yield* execute([Path.join(root, "node_modules/typescript/bin/tsc"), "-p", folder], folder)
      assert.strictEqual(compiled.stdout + compiled.stderr, "")

      const publish = () =>
        execute([files[0]!.name, "pump.md"], folder, {
          NATS_URL: server.url,
          NATS_PASSWORD: "change me: shop",
          SHEAF_TENANT: shopId
        })
      const early = yield* publish()
      assert.match(early.stdout, /^Rejected There is no dataset "manuals"/, early.stderr)
      yield* sql`update datasets set name = 'manuals' where id = ${datasetId}`
      Fs.appendFileSync(Path.join(folder, "pump.md"), "\n\nBleed it.")
      const first = yield* publish()
      assert.match(first.stdout, /^Accepted [0-9a-f-]{36}\n$/, first.stderr)
      assert.strictEqual((yield* publish()).stdout, first.stdout)
      assert.include(yield* census(tenantId), { documents: 1 })
    })),
  90_000
)

it("the published JSON Schemas are those of the contract", () => {
  const folder = Path.join(root, "docs/nats")
  assert.sameMembers(Fs.readdirSync(folder), Object.keys(jsonSchemas))
  for (const [name, schema] of Object.entries(jsonSchemas)) {
    const published: unknown = JSON.parse(Fs.readFileSync(Path.join(folder, name), "utf8"))
    assert.deepStrictEqual(published, JSON.parse(JSON.stringify(schema)), "run: node scripts/write-nats-schemas.mjs")
    assert.include(text, `nats/${name}`)
  }
})
