import { assert, it } from "@effect/vitest"
import { Annotating } from "@sheaf/adapters/lifecycle/Annotating"
import { AppsRepo } from "@sheaf/adapters/repos/annotations/AppsRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import { newId } from "@sheaf/adapters/repos/newId"
import { questionKeyOf } from "@sheaf/adapters/text/questionKey"
import type { IfExists, NewAnnotation } from "@sheaf/domain/annotations/Annotation"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { AppId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import * as fc from "fast-check"
import { engines, makeTenant, some } from "./world.ts"

const makeApp = Effect.fnUntraced(function*(caller: Caller, name = "help") {
  const apps = yield* AppsRepo
  return some(yield* apps.insert(caller, { name, description: "", threshold: 0.8 }))
})

const write = Effect.fnUntraced(
  function*(caller: Caller, appId: AppId, rows: ReadonlyArray<NewAnnotation>, ifExists: IfExists) {
    const annotating = yield* Annotating
    return yield* transact(yield* SqlClient.SqlClient)(annotating.upsert(caller, { appId, rows, ifExists }))
  }
)

/** What an app has, as question and answer, in the order in which they came. */
const contents = Effect.fnUntraced(function*(caller: Caller, appId: AppId) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ question: string; answer: string }>`select question, answer from annotations
    where tenant_id = ${caller.tenantId} and app_id = ${appId} order by id`
  const [app] = yield* sql<{ annotations: number }>`select annotations from apps where id = ${appId}`
  assert.strictEqual(app?.annotations, rows.length, "the count is exact")
  return rows.map(({ answer, question }) => `${question} ${answer}`)
})

/** The same, said as plainly as can be: one row after the other, in a list. */
const model = (batches: ReadonlyArray<readonly [IfExists, ReadonlyArray<NewAnnotation>]>) => {
  const list: Array<NewAnnotation> = []
  for (const [ifExists, rows] of batches) {
    for (const row of rows) {
      const at = list.findIndex(({ question }) => questionKeyOf(question) === questionKeyOf(row.question))
      if (at < 0 || ifExists === "append") list.push(row)
      else if (ifExists === "overwrite") list[at] = row
    }
  }
  return list.map(({ answer, question }) => `${question} ${answer}`)
}

const row = fc.record({
  question: fc.constantFrom("Who?", " who ", "WHO", "What?", "what", "Why"),
  answer: fc.constantFrom("a", "b", "c", "d")
})
const batch = fc.tuple(
  fc.constantFrom<IfExists>("skip", "overwrite", "append"),
  fc.array(row, { minLength: 1, maxLength: 6 })
)

for (const { layer, name } of engines) {
  it.layer(layer, { timeout: "90 seconds" })(`annotations on ${name}`, (it) => {
    it.effect("are written by their normalised question, as one row after the other would be", () =>
      Effect.gen(function*() {
        const { caller } = yield* makeTenant
        const runs = fc.sample(fc.array(batch, { minLength: 1, maxLength: 4 }), { numRuns: 12, seed: 7 })
        yield* Effect.forEach(runs, (batches, run) =>
          Effect.gen(function*() {
            const appId = yield* makeApp(caller, `app ${run}`)
            yield* Effect.forEach(batches, ([ifExists, rows]) =>
              Effect.map(write(caller, appId, rows, ifExists), (written) =>
                assert.strictEqual(written.length, rows.length)))
            assert.deepStrictEqual(yield* contents(caller, appId), model(batches))
          }))
      }))

    it.effect("are refused of an app that is another's, archived or not there", () =>
      Effect.gen(function*() {
        const apps = yield* AppsRepo
        const { caller } = yield* makeTenant
        const other = yield* makeTenant
        const rows = [{ question: "Who?", answer: "I." }]
        const theirs = yield* makeApp(other.caller)
        const archived = yield* makeApp(caller)
        yield* apps.setArchived(caller.tenantId, archived, true)
        const refusals = yield* Effect.forEach([theirs, yield* newId(AppId), archived], (appId) =>
          Effect.map(Effect.flip(write(caller, appId, rows, "append")), ({ _tag }) => _tag))
        assert.deepStrictEqual(refusals, ["AppNotFound", "AppNotFound", "AppArchived"])
        assert.deepStrictEqual(yield* contents(other.caller, theirs), [])
      }))
  })
}
