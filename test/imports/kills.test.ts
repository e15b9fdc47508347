import { assert, it } from "@effect/vitest"
import { AppsRepo } from "@sheaf/adapters/repos/annotations/AppsRepo"
import { Clock, Deferred, Effect } from "effect"
import { make, newActor, restart } from "../proof/world/Stage.ts"
import { some } from "../repos/world.ts"
import { answersOf, begin, over, rowsOf } from "./world.ts"

const size = 2_000

/** One row in a hundred is bad, and one in ten asks what another one has asked. */
const bad = (at: number) => at % 100 === 7
const question = (at: number) => at % 10 === 3 ? `Where is anchor ${at - 1}?` : `Where is anchor ${at}?`
const file = [
  "question,answer",
  ...Array.from({ length: size }, (_, at) => `${question(at)},${bad(at) ? "" : `At watch ${at}.`}`)
].join("\n")

const expected = Array.from({ length: size }, (_, at) => {
  if (bad(at)) return [at + 2, "failed"]
  // The one that it repeats may be a bad one, which has made nothing.
  return [at + 2, at % 10 === 3 && !bad(at - 1) ? "skipped" : "created"]
})

it.effect(
  "an import whose process dies again and again ends with every row once, as if nobody had died",
  () =>
    Effect.gen(function*() {
      const stage = yield* make("embedded")
      const actor = yield* newActor(stage)
      const { caller } = actor().tenant
      const appId = yield* stage.life.inside(Effect.gen(function*() {
        const apps = yield* AppsRepo
        return some(yield* apps.insert(caller, { name: "answers", description: "", threshold: 0.8 }))
      }))
      // While it is read, at the end of that, and while rows are carried out; each life counts anew.
      const deaths = ["transaction#3:after", "transaction#4:before-commit", "transaction#6:after-commit"]
      const id = yield* stage.life.inside(begin(caller, { target: { appId }, bytes: file }))
      for (const death of deaths) {
        stage.life.script.begin({ _tag: "Crash", at: `ImportRows/${death}` })
        const died = yield* Effect.raceFirst(
          Effect.as(Deferred.await(stage.life.script.died), true),
          Effect.as(stage.life.inside(over(caller, id)), false)
        )
        assert.isTrue(died, death)
        yield* (yield* restart(stage)).bury
      }
      stage.life.script.begin(undefined)
      const { rows, answers, ended } = yield* stage.life.inside(Effect.gen(function*() {
        const ended = yield* over(caller, id)
        return { ended, rows: yield* rowsOf(caller, id), answers: yield* answersOf(caller, appId) }
      }))
      assert.deepStrictEqual(rows.map(({ number, state }) => [number, state]), expected)
      const created = expected.filter(([, state]) => state === "created").length
      assert.deepInclude(ended, { state: "finished", total: size, created, failed: size / 100 })
      assert.lengthOf(answers, created)
      assert.strictEqual(new Set(answers.map(([question]) => question)).size, created)
    }).pipe(Effect.scoped, Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())),
  60_000
)
