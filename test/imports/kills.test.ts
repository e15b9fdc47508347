import { assert, it } from "@effect/vitest"
import { Clock, Context, Deferred, Effect, Layer, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import * as Tei from "../../packages/adapters/src/embedding/tei.ts"
import * as Installation from "../proof/world/Installation.ts"
import * as Life from "../proof/world/Life.ts"
import { newActor, restart, type Stage } from "../proof/world/Stage.ts"
import * as GpuServer from "../support/gpu/GpuServer.ts"
import { answersOf, begin, over, rowsOf } from "./world.ts"

const size = 1_500

/** One row in a hundred is bad, and one in ten asks what the one before has asked. */
const isBad = (at: number) => at % 100 === 7
const repeats = (at: number) => at % 10 === 3
const question = (at: number) => `Where is anchor ${repeats(at) ? at - 1 : at}?`
const file = [
  "question,answer",
  ...Array.from({ length: size }, (_, at) => `${question(at)},${isBad(at) ? "" : `At watch ${at}.`}`)
].join("\n")
const expected = Array.from(
  { length: size },
  (_, at) => [at + 2, isBad(at) ? "failed" : repeats(at) ? "skipped" : "created"]
)
const created = expected.filter(([, state]) => state === "created").length

/** While it is read, while rows are carried out, and while questions are embedded; each life counts anew. */
const deaths = [
  "ImportRows/transaction#3:after-commit",
  "ImportRows/transaction#4:before-commit",
  "IndexAnnotations/transaction#3:before-commit"
]
/** Annotations that are embedded together, and are lost together. */
const inFlight = 256

it.effect(
  "an import in a storm of refusals whose process dies three times ends with every row once, and each question paid for once",
  () =>
    Effect.gen(function*() {
      const gpu = yield* GpuServer.start({ model: { dimension: 16 } })
      const embedder = yield* Layer.build(Tei.layer({
        url: gpu.url,
        governor: { retry: { first: "2 millis" }, open: { first: "20 millis", longest: "50 millis" } }
      }))
      const made = yield* Installation.make("embedded")
      const installation = { ...made, outside: Context.merge(made.outside, embedder) }
      const stage: Stage = { installation, life: yield* Life.begin(installation, { alone: true }) }
      yield* Effect.addFinalizer(() => stage.life.bury)
      const storm = () => gpu.setFaults({ status: 429, retryAfter: "0", times: 25 })
      const actor = yield* newActor(stage)
      const { caller } = actor().tenant
      const { id: appId } = yield* actor().call(actor().client.AppsCreate({ name: "answers", ...actor().once("app") }))

      const id = yield* stage.life.inside(begin(caller, { target: { appId }, bytes: file }))
      for (const [at, death] of deaths.entries()) {
        storm()
        stage.life.script.begin({ _tag: "Crash", at: death })
        // Somebody switches reply on in the middle: what is there and what comes is embedded.
        if (at === 1) {
          yield* actor().call(actor().client.AppsSetReply({ appId, enabled: true, ...actor().once("reply") })).pipe(
            Effect.raceFirst(Deferred.await(stage.life.script.died))
          )
        }
        yield* Deferred.await(stage.life.script.died)
        yield* (yield* restart(stage)).bury
      }
      storm()
      const { answers, ended, rows, vectors } = yield* stage.life.inside(Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const ended = yield* over(caller, id)
        const vectors = yield* sql`select 1 from annotation_vectors where app_id = ${appId}`.pipe(
          Effect.repeat({ until: (found) => found.length === created, schedule: Schedule.spaced("50 millis") })
        )
        return { ended, vectors, rows: yield* rowsOf(caller, id), answers: yield* answersOf(caller, appId) }
      }))
      assert.deepStrictEqual(rows.map(({ number, state }) => [number, state]), expected)
      assert.deepInclude(ended, { state: "finished", total: size, created, failed: size / 100, pending: 0 })
      assert.deepStrictEqual([answers.length, vectors.length], [created, created])
      const paid = gpu.received().filter(({ path, status }) => path === "/embed" && status === 200)
        .flatMap(({ texts }) => texts)
        // Besides, an embedder is asked at its start what it is.
        .filter((text) => text.startsWith("Where is anchor"))
      assert.strictEqual(new Set(paid).size, created)
      assert.isAtMost(paid.length, created + deaths.length * inFlight)
      assert.isAtLeast(gpu.received().filter(({ status }) => status === 429).length, 25)
    }).pipe(Effect.scoped, Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())),
  90_000
)
