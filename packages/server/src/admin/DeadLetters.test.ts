import { assert, it } from "@effect/vitest"
import { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { Duration, Effect } from "effect"
import { SqlClient } from "effect/sql"
import * as TestServer from "../../../../test/support/TestServer.ts"

const crashed: FailureCause = { _tag: "ParserCrashed", detail: "boom" }

/** Gives up all work that is due, as the runner does. */
const giveUp = Effect.fnUntraced(function*(cause: FailureCause) {
  const jobs = yield* JobsRepo
  const runs = yield* RunsRepo
  const transaction = transact(yield* SqlClient.SqlClient)
  const claims = yield* jobs.claim({
    wants: [{ stage: "ParsePages", limit: 100 }],
    holder: "w",
    lease: Duration.seconds(20)
  })
  for (const claim of claims) {
    const { job, tenantId } = claim
    if (!("runId" in job)) continue
    yield* transaction(
      jobs.fence(claim).pipe(
        Effect.andThen(jobs.bury(claim, cause)),
        Effect.andThen(runs.end(tenantId, job.runId, "failed", cause)),
        Effect.andThen(jobs.dropRun(tenantId, job.runId))
      )
    )
  }
})

it.layer(TestServer.layer(), { timeout: "60 seconds" })("DeadLetters", (it) => {
  const setting = Effect.gen(function*() {
    const { keys, tenantId } = yield* TestServer.makeTenant
    const { id: datasetId } = yield* TestServer.ok(keys.write, "DatasetsCreate", { name: "d" })
    const accept = (name: string) =>
      TestServer.ok(keys.write, "DocumentsIngestText", { datasetId, name, text: name, ifSame: "new", lane: "bulk" })
    const list = (options: object = {}) => TestServer.ok(keys.admin, "DeadLettersList", options)
    const requeue = (options: object, idempotencyKey: string) =>
      TestServer.ok(keys.admin, "DeadLettersRequeue", { ...options, idempotencyKey })
    return { keys, tenantId, datasetId, accept, list, requeue }
  })
  type Letter = { readonly jobId: string; readonly documentId: string; readonly documentName: string }
  const namesOf = (items: ReadonlyArray<Letter>) => items.map(({ documentName }) => documentName)

  it.effect("are listed with their cause, page by page, and belong to one tenant", () =>
    Effect.gen(function*() {
      const { accept, datasetId, keys, list, tenantId } = yield* setting
      const other = yield* setting
      for (const name of ["a", "b", "c"]) {
        yield* accept(name)
        yield* giveUp(name === "c" ? { _tag: "ParserTimedOut", limitMs: 5 } : crashed)
      }
      yield* other.accept("theirs")
      yield* giveUp(crashed)
      // As a process of the release before gives up: without saying when.
      const sql = yield* SqlClient.SqlClient
      yield* sql`update jobs set died_at = null where tenant_id = ${tenantId} and cause ->> '_tag' = 'ParserCrashed'`

      const first = yield* list({ limit: 2 })
      const rest = yield* list({ limit: 2, cursor: first.next })
      assert.deepStrictEqual(namesOf([...first.items, ...rest.items]), ["c", "b", "a"])
      assert.isUndefined(rest.next)
      const [letter] = first.items
      assert.deepStrictEqual(
        [letter.stage, letter.lane, letter.cause, letter.attempts, letter.losses, letter.datasetId],
        ["ParsePages", "bulk", { _tag: "ParserTimedOut", limitMs: 5 }, 1, 0, datasetId]
      )
      assert.deepStrictEqual(namesOf((yield* list({ cause: "ParserCrashed" })).items), ["b", "a"])
      assert.deepStrictEqual(namesOf((yield* list({ stage: "EmbedSegments" })).items), [])
      assert.deepStrictEqual(namesOf((yield* list({ documentId: letter.documentId })).items), ["c"])
      const wrong = yield* TestServer.refusal(keys.admin, "DeadLettersList", { cursor: "bm9wZQ" })
      assert.deepStrictEqual(wrong, { status: 422, tag: "BadRequest" })
      // Nothing of another tenant can be begun again.
      const jobIds = [(yield* other.list()).items[0].jobId]
      assert.deepStrictEqual(
        yield* TestServer.refusal(keys.admin, "DeadLettersRequeue", { jobIds, idempotencyKey: "theirs" }),
        { status: 404, tag: "DeadLetterNotFound" }
      )
      assert.lengthOf((yield* other.list()).items, 1)
    }))

  it.effect("begin again as new runs, each once", () =>
    Effect.gen(function*() {
      const { accept, keys, list, requeue } = yield* setting
      for (const name of ["a", "b", "c"]) yield* accept(name)
      yield* giveUp(crashed)
      const letters: ReadonlyArray<Letter> = (yield* list()).items
      const [one] = letters
      const answer = yield* requeue({ jobIds: [one!.jobId] }, "one")
      assert.deepStrictEqual([answer.documentIds, answer.more], [[one!.documentId], false])
      const { items: [run] } = yield* TestServer.ok(keys.read, "DocumentsRuns", { documentId: one!.documentId })
      assert.deepStrictEqual([run.id, run.number, run.state], [answer.runIds[0], 2, "queued"])
      assert.lengthOf((yield* list()).items, 2)

      // The same call again, and the same wish in another.
      assert.deepStrictEqual(yield* requeue({ jobIds: [one!.jobId] }, "one"), answer)
      assert.deepStrictEqual(
        yield* TestServer.refusal(keys.admin, "DeadLettersRequeue", { jobIds: [one!.jobId], idempotencyKey: "two" }),
        { status: 404, tag: "DeadLetterNotFound" }
      )
      assert.lengthOf((yield* TestServer.ok(keys.read, "DocumentsRuns", { documentId: one!.documentId })).items, 2)

      const both = yield* Effect.forEach(["x", "y"], (key) => requeue({ cause: "ParserCrashed" }, key), {
        concurrency: 2
      })
      assert.lengthOf(both.flatMap(({ documentIds }) => documentIds), 2)
      assert.deepStrictEqual((yield* list()).items, [])
      for (const { documentId } of letters) {
        assert.lengthOf((yield* TestServer.ok(keys.read, "DocumentsRuns", { documentId })).items, 2)
      }
    }))

  it.effect("of documents that are worked on already are forgotten, and of deleted ones gone", () =>
    Effect.gen(function*() {
      const { accept, keys, list, requeue } = yield* setting
      const [a, b] = [yield* accept("a"), yield* accept("b")]
      yield* giveUp(crashed)
      yield* TestServer.ok(keys.write, "DocumentsRetry", { documentId: a.documentId })
      assert.deepStrictEqual(namesOf((yield* list()).items), ["b"])
      yield* TestServer.ok(keys.write, "DocumentsDelete", { documentId: b.documentId })
      assert.deepStrictEqual((yield* list()).items, [])
      assert.deepStrictEqual(yield* requeue({}, "all"), { documentIds: [], runIds: [], more: false })
    }))
})
