import { assert, it } from "@effect/vitest"
import * as Pglite from "@sheaf/adapters/sql/pglite"
import { connect } from "@sheaf/sdk/promise"
import { drawPdf } from "@sheaf/worker/parsing/pdf/testPdf"
import { Effect, Queue, Random } from "effect"
import { SqlClient, type SqlConnection, type Statement } from "effect/sql"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Database from "../support/database/Database.ts"
import { freePort } from "../support/freePort.ts"
import * as Program from "../support/processes/program.ts"
import { temporaryFolder } from "../support/temporaryFolder.ts"

const kills = 10
const pages = 24

const words = "anchor ballast capstan davit ensign fathom gunwale halyard inlet jib keel lanyard mizzen narrows oar"
  .split(" ")

/** Every page has its own words, so that no two segments are alike. */
const logbook = Effect.promise(() =>
  drawPdf(Array.from({ length: pages }, (_, page) => ({ line, lines }) => {
    line(`Watch ${page + 1}`, 60, { size: 18, font: "bold" })
    lines(
      Array.from({ length: 24 }, (_, row) =>
        Array.from({ length: 9 }, (_, column) =>
          words[(page * 7 + row * 5 + column * (page + 3)) % words.length]).join(" ")
        + ` ${page}-${row}.`),
      100
    )
  }))
)

/** What must hold in the end, read without any of our repositories. */
const facts = (home: string) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const count = (statement: Statement.Statement<SqlConnection.Row>) =>
      Effect.map(statement, ([row]) => Number(row?.["count"]))
    const [index] = yield* sql<{ readonly name: string }>`select table_name as name from information_schema.tables
      where table_name like 'index%' and table_name like '%entries%'`
    return {
      documents: yield* count(sql`select count(*) from documents where published_run_id is not null`),
      publishedRuns: yield* count(sql`select count(*) from runs where state = 'published'`),
      otherRuns: yield* count(sql`select count(*) from runs where state <> 'published'`),
      publications: yield* count(sql`select count(*) from events where body ->> '_tag' = 'DocumentPublished'`),
      owedJobs: yield* count(sql`select count(*) from jobs`),
      openUnits: yield* count(sql`select count(*) from work_units where state <> 'done'`),
      members: yield* count(sql`select count(*) from run_segments`),
      segments: yield* count(sql`select count(*) from segments`),
      unsynced: yield* count(sql`select count(*) from segments where index_state <> 'in_sync'`),
      withoutVector: yield* count(sql`select count(*) from segments s where s.language in ('en', 'und') and not exists
        (select 1 from vectors v where v.tenant_id = s.tenant_id and v.space_id = s.space_id and v.text_hash = s.text_hash)`),
      entries: yield* count(sql`select count(*) from ${sql(index!.name)}`),
      counted: yield* count(sql`select sum(segments) as count from
        (select segments from dataset_counters union all select segments from dataset_counter_deltas) counters`),
      shown: yield* count(sql`select segments as count from documents`)
    }
  }).pipe(Effect.provide(Pglite.layer({ home })), Effect.scoped)

it.live(
  "an ingest whose process is killed ten times ends published once, with exact counts",
  () =>
    Effect.gen(function*() {
      const home = yield* temporaryFolder("killed")
      yield* Database.putInto(home)
      const port = yield* freePort
      const start = Effect.gen(function*() {
        const program = yield* Program.start("allInOne.ts", [home, String(port)])
        return { program, url: yield* Queue.take(program.lines) }
      })
      let { program, url } = yield* start
      const key = Fs.readFileSync(Path.join(home, "credentials"), "utf8").trim()
      const sheaf = yield* Effect.acquireRelease(
        Effect.sync(() => connect({ url, key })),
        (client) => Effect.promise(() => client.close())
      )
      const bytes = yield* logbook
      const dataset = yield* Effect.promise(() => sheaf.datasets.ensure("logs"))
      const doc = yield* Effect.promise(() =>
        sheaf.documents.ingest(bytes, { dataset: dataset.id, name: "logbook.pdf" })
      )
      const lives: Array<number> = []
      for (let kill = 0; kill < kills; kill++) {
        const life = yield* Random.nextIntBetween(20, 1_500)
        lives.push(life)
        // Not a wait for something: the moment of the kill is what is random.
        yield* Effect.sleep(life)
        yield* program.kill("SIGKILL")
        ;({ program, url } = yield* start)
      }
      const document = yield* Effect.promise(() => doc.done())
      const told = `killed after ${lives.join(", ")} ms`
      assert.strictEqual(document.status, "available", told)
      assert.strictEqual(document.pages, pages)
      yield* program.kill("SIGTERM")

      const { members, ...rest } = yield* facts(home)
      assert.isAbove(members, 10)
      assert.deepStrictEqual(rest, {
        documents: 1,
        publishedRuns: 1,
        otherRuns: 0,
        publications: 1,
        owedJobs: 0,
        openUnits: 0,
        segments: members,
        unsynced: 0,
        withoutVector: 0,
        entries: members,
        counted: members,
        shown: members
      }, told)
    }),
  600_000
)
