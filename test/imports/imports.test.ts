import { assert, it } from "@effect/vitest"
import { AppsRepo } from "@sheaf/adapters/repos/annotations/AppsRepo"
import { derivedId } from "@sheaf/adapters/repos/derivedId"
import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { ImportsRepo } from "@sheaf/adapters/repos/imports/ImportsRepo"
import { ImportWorkRepo } from "@sheaf/adapters/repos/imports/ImportWorkRepo"
import { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { EventCursor, ImportId, JobId } from "@sheaf/domain/ids"
import { importLimits } from "@sheaf/domain/imports/importLimits"
import { newId } from "@sheaf/adapters/repos/newId"
import { Effect, Option, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import * as TestServer from "../support/TestServer.ts"
import { makeTenant, some } from "../repos/world.ts"
import { ingest, layer, makeDataset, until } from "../support/Pipeline.ts"
import { answersOf, begin, imported, makeApp, outcomes, over, really, rowsOf } from "./world.ts"

it.layer(layer, { timeout: "120 seconds" })("imports", (it) => {
  it.effect("give each row its result, and say of bad ones what is wrong; the same file again makes nothing twice", () =>
    Effect.gen(function*() {
      const events = yield* EventsRepo
      const jobs = yield* JobsRepo
      const { caller, tenantId } = yield* makeTenant
      const appId = yield* makeApp(caller)
      const file = {
        target: { appId },
        bytes: [
          "answer;question",
          "Because.;Why?",
          "Yes.;",
          `"So;\nand so.";  why  `,
          `No.;${"q".repeat(2_001)}`,
          "=1+1;How many?"
        ].join("\n")
      }
      const first = yield* imported(caller, file)
      assert.deepInclude(first, { state: "finished", total: 5, created: 2, skipped: 1, failed: 2, pending: 0 })
      assert.deepStrictEqual(outcomes(yield* rowsOf(caller, first.id)), [
        [2, "created"],
        [3, "failed", "Missing", "question"],
        [4, "skipped", "Exists", "question"],
        [5, "failed", "TooLong", "question"],
        [6, "created"]
      ])
      const made = [["Why?", "Because."], ["How many?", "=1+1"]]
      assert.deepStrictEqual(yield* answersOf(caller, appId), made)

      const again = yield* imported(caller, file)
      assert.deepInclude(again, { state: "finished", total: 5, created: 0, skipped: 3, failed: 2 })
      assert.deepStrictEqual(yield* answersOf(caller, appId), made)
      // A job that comes again, after the worker died behind its last write, does nothing.
      yield* jobs.enqueue(tenantId, [{
        id: yield* newId(JobId),
        lane: "interactive",
        job: { _tag: "ImportRows", version: 1, importId: first.id }
      }])
      const told = yield* events.after(caller, { cursor: EventCursor.make("0"), datasetId: undefined, limit: 100 })
        .pipe(
          Effect.map(({ events }) =>
            events.flatMap(({ body }) => body._tag === "ImportFinished" ? [body.importId] : [])
          ),
          Effect.repeat({ until: (found) => found.length > 1, schedule: Schedule.spaced("20 millis") }),
          really
        )
      assert.deepStrictEqual(told, [first.id, again.id])
      assert.deepStrictEqual(yield* TestServer.blobKeys(tenantId), [])
    }))

  it.effect("overwrite what is there, or let both stay, as they are told", () =>
    Effect.gen(function*() {
      const { caller } = yield* makeTenant
      const appId = yield* makeApp(caller)
      const target = { appId }
      yield* imported(caller, { target, bytes: "question,answer\nWhy?,Old.\n" })
      const bytes = `{"q":"WHY ?","a":"New."}\n{"q":"When?","a":"Now."}\n{"q":"when","a":"Then."}\n`
      const overwritten = yield* imported(caller, { target, bytes, name: "a.jsonl", ifExists: "overwrite" })
      assert.deepInclude(overwritten, { total: 3, created: 1, overwritten: 2 })
      assert.deepStrictEqual(yield* answersOf(caller, appId), [["WHY ?", "New."], ["when", "Then."]])
      const appended = yield* imported(caller, { target, bytes, name: "a.jsonl", ifExists: "append" })
      assert.deepInclude(appended, { total: 3, created: 3 })
      assert.lengthOf(yield* answersOf(caller, appId), 5)
    }))

  it.effect("of bad files fail as a whole, and change nothing", () =>
    Effect.gen(function*() {
      const { caller, tenantId } = yield* makeTenant
      const appId = yield* makeApp(caller)
      const wide = Array.from({ length: 1_000 }, (_, at) => `c${at}`).join(",")
      const cases = [
        ["", "a.csv", { _tag: "Unreadable", cause: { _tag: "Empty" } }],
        ["question,answer\n\n", "a.csv", { _tag: "NoRows" }],
        ["%PDF-1.7\n1 0 obj", "a.csv", {
          _tag: "Unreadable",
          cause: { _tag: "Unsupported", detectedType: "application/pdf" }
        }],
        ["name,price,size\na,1,2\n", "a.csv", {
          _tag: "NoColumn",
          field: "question",
          found: ["name", "price", "size"]
        }],
        [`question,${wide}\n`, "a.csv", { _tag: "TooManyColumns", limit: importLimits.maxColumns, actual: 1_001 }],
        [`question,answer\nWhy?,"So\n`, "a.csv", {
          _tag: "Unreadable",
          cause: { _tag: "Corrupt", detail: "the quote in line 2 is never closed" }
        }]
      ] as const
      for (const [bytes, name, failure] of cases) {
        const ended = yield* imported(caller, { target: { appId }, bytes, name })
        assert.deepStrictEqual([ended.state, ended.failure], ["failed", failure])
      }
      assert.deepStrictEqual(yield* answersOf(caller, appId), [])
      assert.deepStrictEqual(yield* TestServer.blobKeys(tenantId), [])
    }))

  it.effect("stop where their app is archived, and keep what was done before", () =>
    Effect.gen(function*() {
      const apps = yield* AppsRepo
      const { caller, tenantId } = yield* makeTenant
      const appId = yield* makeApp(caller)
      yield* apps.setArchived(tenantId, appId, true)
      const ended = yield* imported(caller, { target: { appId }, bytes: "question,answer\nWhy?,So.\n" })
      assert.deepStrictEqual([ended.state, ended.failure?._tag, ended.pending], ["failed", "Refused", 1])
      assert.deepStrictEqual(outcomes(yield* rowsOf(caller, ended.id)), [[2, "cancelled"]])
    }))

  it.effect("tell whoever began them how far they are, and once for every hundredth of their rows at most", () =>
    Effect.gen(function*() {
      const { caller } = yield* makeTenant
      const events = yield* EventsRepo
      const appId = yield* makeApp(caller)
      const rows = 1_000
      const bytes = ["question,answer", ...Array.from({ length: rows }, (_, at) => `Is ${at} a number?,Yes.`)].join(
        "\n"
      )
      const { id: importId } = yield* imported(caller, { target: { appId }, bytes })
      const told = yield* events.after(caller, { cursor: EventCursor.make("0"), datasetId: undefined, limit: 100 })
        .pipe(
          Effect.map(({ events }) => events.map(({ body }) => body)),
          Effect.repeat({
            until: (found) => found.some(({ _tag }) => _tag === "ImportFinished"),
            schedule: Schedule.spaced("20 millis")
          }),
          really
        )
      const steps = told.flatMap((body) => body._tag === "ImportProgressed" ? [body] : [])
      assert.deepStrictEqual(
        steps.map(({ created, pending }) => [created, pending]),
        [[200, 800], [400, 600], [600, 400], [800, 200]]
      )
      for (const step of steps) assert.deepInclude(step, { importId, total: rows, failed: 0, target: { appId } })
    }))

  it.effect("go into the published version of a document as segments", () =>
    Effect.gen(function*() {
      const segments = yield* SegmentsRepo
      const { caller } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      const { documentId } = yield* ingest(caller, datasetId, { name: "a.txt", bytes: "The door is open." })
      yield* until(caller, documentId)
      const bytes = [
        "text,keywords",
        "The roof is red.,\"roof; colour\"",
        "The door is open.,entrance",
        `${"word ".repeat(2_000)},`,
        `The lamp is lit.,${Array.from({ length: 11 }, (_, at) => `k${at}`).join(";")}`
      ].join("\n")
      const target = { documentId }
      const first = yield* imported(caller, { target, bytes, ifExists: "overwrite" })
      assert.deepStrictEqual(outcomes(yield* rowsOf(caller, first.id)), [
        [2, "created"],
        [3, "overwritten"],
        [4, "failed", "TooLong", "text"],
        [5, "failed", "TooMany", "keywords"]
      ])
      const { items } = some(yield* segments.list(caller, { documentId }))
      assert.deepStrictEqual(items.map(({ keywords, text }) => [text, keywords]), [
        ["The door is open.", ["entrance"]],
        ["The roof is red.", ["roof", "colour"]]
      ])
      const again = yield* imported(caller, { target, bytes })
      assert.deepInclude(again, { total: 4, created: 0, skipped: 2, failed: 2 })
    }))

  it.effect("have their turn in their order, two of a tenant at a time, and can be cancelled before", () =>
    Effect.gen(function*() {
      const imports = yield* ImportsRepo
      const work = yield* ImportWorkRepo
      const sql = yield* SqlClient.SqlClient
      const { caller, tenantId } = yield* makeTenant
      const target = { appId: yield* makeApp(caller) }
      const wanted = (id: ImportId) => ({ id, target, name: "a", size: null, ifExists: "skip", reading: {} } as const)
      const file = { size: 1, sha256: "0".repeat(64) as never }
      const ids = yield* Effect.forEach([1, 2, 3, 4], () => newId(ImportId))
      for (const id of ids) {
        some(yield* transact(sql)(imports.insert(caller, 4, wanted(id))))
        yield* imports.uploaded(tenantId, id, file)
      }
      assert.isTrue(Option.isNone(yield* transact(sql)(imports.insert(caller, 4, wanted(yield* newId(ImportId))))))
      const turn = (at: number) => transact(sql)(work.begin(tenantId, ids[at]!, 2))
      // Whoever asks at the same time, the first two of the queue are let in; who asked before its turn asks again.
      assert.deepStrictEqual(
        yield* Effect.forEach([3, 2, 0, 1, 2], turn, { concurrency: 5 }).pipe(
          Effect.andThen(turn(1)),
          Effect.andThen(
            Effect.forEach(ids, (id) => Effect.map(imports.find(caller, id), (found) => some(found).state))
          )
        ),
        ["reading", "reading", "waiting", "waiting"]
      )
      assert.isTrue(Option.isSome(yield* imports.cancel(tenantId, ids[0]!)))
      assert.isTrue(Option.isNone(yield* imports.cancel(tenantId, ids[0]!)))
      assert.isFalse(yield* turn(3))
      assert.isTrue(yield* turn(2))
      assert.isFalse(yield* work.append(tenantId, ids[0]!, [{ number: 2, values: {}, problem: null }]))
    }))

  it.effect("that are cancelled do no more rows, and their file goes", () =>
    Effect.gen(function*() {
      const imports = yield* ImportsRepo
      const jobs = yield* JobsRepo
      const sql = yield* SqlClient.SqlClient
      const { caller, tenantId } = yield* makeTenant
      const appId = yield* makeApp(caller)
      // Others are at work: it waits.
      yield* sql`insert into imports (tenant_id, id, kind, target_id, name, if_exists, reading, caller, owner, state, created_by)
        select ${tenantId}::uuid, gen_random_uuid(), 'annotations', ${appId}::uuid, 'a', 'skip', '{}', '{}', '', 'applying', '{}'
        from generate_series(1, 2)`
      const id = yield* begin(caller, { target: { appId }, bytes: "question,answer\nWhy?,So.\n" })
      assert.isTrue(Option.isSome(yield* imports.cancel(tenantId, id)))
      yield* jobs.enqueue(tenantId, [{
        id: JobId.make(derivedId("import", id)),
        lane: "interactive",
        job: { _tag: "ImportRows", version: 1, importId: id }
      }])
      assert.strictEqual((yield* over(caller, id)).state, "cancelled")
      yield* TestServer.blobKeys(tenantId).pipe(
        Effect.repeat({ until: (keys) => keys.length === 0, schedule: Schedule.spaced("20 millis") }),
        really
      )
      assert.deepStrictEqual(yield* answersOf(caller, appId), [])
    }))

  it.effect("are forgotten 30 days after their end, and those whose file never came after a day", () =>
    Effect.gen(function*() {
      const imports = yield* ImportsRepo
      const sql = yield* SqlClient.SqlClient
      const work = yield* ImportWorkRepo
      const { caller, tenantId } = yield* makeTenant
      const appId = yield* makeApp(caller)
      const { id } = yield* imported(caller, { target: { appId }, bytes: "question,answer\nWhy?,So.\nHow?,No.\n" })
      yield* sql`update imports set finished_at = now() - interval '29 days' where id = ${id}`
      yield* work.expire
      assert.lengthOf(yield* rowsOf(caller, id), 2)
      yield* sql`update imports set finished_at = now() - interval '31 days' where id = ${id}`
      assert.isAtLeast(yield* work.expire, 1)
      assert.isTrue(Option.isNone(yield* imports.find(caller, id)))
      const left = yield* sql`select 1 from import_rows where import_id = ${id}`
      assert.lengthOf(left, 0)
      assert.lengthOf(yield* answersOf(caller, appId), 2)

      const late = yield* newId(ImportId)
      const wanted = { id: late, target: { appId }, name: "a", size: null, ifExists: "skip", reading: {} } as const
      some(yield* transact(sql)(imports.insert(caller, 50, wanted)))
      yield* sql`update imports set created_at = now() - interval '25 hours' where id = ${late}`
      const place = (yield* work.abandoned(100)).find((one) => one.id === late)
      assert.deepStrictEqual(place, { tenantId, id: late })
      assert.isTrue(yield* work.abandon(place!))
      assert.strictEqual(some(yield* imports.find(caller, late)).state, "cancelled")
    }))
})
