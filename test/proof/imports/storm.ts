import * as Tei from "@sheaf/adapters/embedding/tei"
import { explainImport } from "@sheaf/domain/imports/ImportFailure"
import { Clock, Context, Deferred, Effect, Layer, Random, Schedule } from "effect"
import { begin, over, rowsOf } from "../../imports/world.ts"
import * as GpuServer from "../../support/gpu/GpuServer.ts"
import * as Installation from "../world/Installation.ts"
import * as Life from "../world/Life.ts"
import { newActor, restart, type Stage } from "../world/Stage.ts"
import { deathsOf } from "./deaths.ts"
import { fileOf, isOfFile } from "./rows.ts"

/** Annotations that are embedded together, and are lost together. */
const inFlight = 256

/** Requests that the embedder refuses with 429, after each death anew. */
const refusals = 25

export interface StormOptions {
  readonly rows: number
  readonly kills: number
  readonly seed: number
  readonly onDeath?: (at: string) => Effect.Effect<void>
}

interface StormResult {
  readonly findings: ReadonlyArray<string>
  readonly created: number
  readonly failed: number
  readonly skipped: number
  /** Places in which processes died; fewer than were wanted where all was over before. */
  readonly deaths: ReadonlyArray<string>
  /** Texts that were embedded, and how many of them more than once. */
  readonly embedded: number
  readonly again: number
  readonly refused: number
  /** Rows carried out, from the beginning of the import to its end, deaths included. */
  readonly rowsPerSecond: number
  readonly seconds: number
}

const teiOf = (url: URL) =>
  Layer.build(Tei.layer({
    url,
    governor: { retry: { first: "2 millis" }, open: { first: "20 millis", longest: "50 millis" } }
  }))

/**
 * Imports a file of which one row in a hundred is bad and one in ten is there already, with an embedder that refuses in bursts and a process
 * that dies again and again. In the end every row has its one result, and each question was paid for once but for what was on its way at a death.
 */
export const storm = Effect.fn("proof.storm")(
  function*({ kills, onDeath, rows, seed }: StormOptions) {
    const file = fileOf(rows)
    const gpu = yield* GpuServer.start({ model: { dimension: 16 } })
    const made = yield* Installation.make("embedded")
    const outside = Context.merge(made.outside, yield* Effect.orDie(teiOf(gpu.url)))
    const installation = { ...made, outside }
    const stage: Stage = { installation, life: yield* Life.begin(installation, { alone: true }) }
    yield* Effect.addFinalizer(() => stage.life.bury)
    const { observer } = installation
    const actor = yield* newActor(stage)
    const { call, client, once, tenant: { caller } } = actor()
    const { id: appId } = yield* call(client.AppsCreate({ name: "answers", ...once("app") }))
    const indexed = observer<{ readonly n: number }>`select count(*)::int as n from annotation_vectors
      where app_id = ${appId}::uuid`.pipe(
      Effect.repeat({ until: ([row]) => row?.n === file.created, schedule: Schedule.spaced("100 millis") }),
      Effect.orDie
    )

    const begun = yield* Clock.currentTimeMillis
    const id = yield* stage.life.inside(begin(caller, { target: { appId }, bytes: file.text }))
    const isOver = observer<{ readonly at: string | null; readonly state: string }>`
      select finished_at::text as at, state from imports where id = ${id}::uuid`.pipe(
      Effect.repeat({ until: ([row]) => row?.at !== null, schedule: Schedule.spaced("100 millis") }),
      Effect.orDie
    )
    /** Over, with a vector for each question; an import that has failed never gets there. */
    const isDone = Effect.flatMap(isOver, ([row]) => row?.state === "finished" ? Effect.asVoid(indexed) : Effect.void)
    const weather = () => gpu.setFaults({ status: 429, retryAfter: "0", times: refusals })
    const deaths: Array<string> = []
    const planned = yield* Random.withSeed(deathsOf(rows, kills), seed)
    /** Asks whichever process there is. */
    const turnOn = Effect.suspend(() => {
      const { call, client, once } = actor()
      return call(client.AppsSetReply({ appId, enabled: true, ...once("reply") }))
    })
    let isOn = false
    for (const at of planned) {
      weather()
      const { died } = stage.life.script
      stage.life.script.begin({ _tag: "Crash", at })
      // Somebody switches reply on in the middle: what is there and what comes is embedded.
      if (deaths.length >= 1 && !isOn) {
        yield* Effect.raceFirst(turnOn, Deferred.await(died))
        isOn = true
      }
      const rest = isOn ? isDone : Effect.asVoid(isOver)
      const place = yield* Effect.raceFirst(Deferred.await(died), Effect.as(rest, undefined))
      if (place === undefined) break
      deaths.push(place)
      yield* onDeath?.(place) ?? Effect.void
      yield* (yield* restart(stage)).bury
    }
    weather()
    stage.life.script.begin(undefined)
    yield* turnOn
    yield* isOver
    const ended = yield* Clock.currentTimeMillis
    yield* isDone
    const { imported, results } = yield* stage.life.inside(Effect.all({
      imported: over(caller, id),
      results: rowsOf(caller, id)
    }))
    const paid = gpu.received().filter(({ path, status }) => path === "/embed" && status === 200)
      .flatMap(({ texts }) => texts.filter(isOfFile))
    const again = paid.length - new Set(paid).size
    const wrong = file.expected.filter(([number, state], at) =>
      results[at]?.number !== number || results[at].state !== state
    )
    const found = yield* Effect.orDie(
      observer<{ readonly n: number; readonly questions: number }>`select count(*)::int as n,
        count(distinct question_key)::int as questions from annotations where app_id = ${appId}::uuid`
    )
    const refused = gpu.received().filter(({ status }) => status === 429).length
    const findings = [
      ...wrong.slice(0, 10).map(([number, state]) => `row ${number} is not ${state}`),
      ...(results.length === rows ? [] : [`${results.length} rows have a result, of ${rows}`]),
      ...(imported.state === "finished" && imported.pending === 0 ? [] : [
        `it is ${imported.state}${imported.failure === null ? "" : `: ${explainImport(imported.failure)}`}`
      ]),
      ...([imported.created, imported.skipped, imported.failed].join() ===
          [file.created, file.skipped, file.failed].join()
        ? []
        : ["its counts are not those of its rows"]),
      ...(found[0]?.n === file.created && found[0].questions === file.created ? [] : ["questions are lost or doubled"]),
      ...(new Set(paid).size === file.created ? [] : [`${new Set(paid).size} questions were embedded`]),
      ...(again <= deaths.length * inFlight ? [] : [`${again} questions were paid for again`]),
      ...(refused >= refusals ? [] : ["there was no storm"])
    ]
    return {
      findings,
      created: file.created,
      failed: file.failed,
      skipped: file.skipped,
      deaths,
      embedded: paid.length,
      again,
      refused,
      rowsPerSecond: Math.round(rows / (ended - begun) * 1_000),
      seconds: ((yield* Clock.currentTimeMillis) - begun) / 1_000
    } satisfies StormResult
  },
  Effect.scoped,
  Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())
)
