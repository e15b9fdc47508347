import { Effect } from "effect"
import * as fc from "fast-check"
import { type PlantName, plants } from "../evidence/plants.ts"
import * as Steps from "../operations/steps.ts"
import * as Stage from "../world/Stage.ts"
import type { Profile } from "../world/Installation.ts"
import { compare } from "./compare.ts"
import type { Model } from "./Model.ts"
import { beginning, bodies, datasets, sequences, type Step, tenants } from "./Step.ts"
import { bodyOf, rest, take, type Trial } from "./take.ts"

const chunking = { method: "general", maxTokens: 48, softMaxTokens: 24, combineUnder: 4 } as const

const makeDatasets = Effect.fnUntraced(
  function*(actor: () => ReturnType<Effect.Success<ReturnType<typeof Stage.newActor>>>) {
    const { call, client, once } = actor()
    return yield* Effect.forEach(Array.from({ length: datasets }, (_, at) => at), (at) =>
      Effect.map(
        call(client.DatasetsCreate({ name: `dataset-${at}`, chunking, ...once(`dataset ${at}`) })),
        ({ id }) => ({ id, deleted: false })
      ))
  }
)

/** What the cutter makes of each body when nothing disturbs it. */
const learn = Effect.fnUntraced(function*(stage: Stage.Stage) {
  const actor = yield* Stage.newActor(stage)
  const [into] = yield* makeDatasets(actor)
  return yield* Effect.forEach(Array.from({ length: bodies }, (_, body) => body), (body) =>
    Effect.gen(function*() {
      const { call, client, rest } = actor()
      const documentId = yield* Steps.ingest(actor(), into!.id, `body-${body}`, bodyOf(body))
      yield* rest
      const { items } = yield* call(client.SegmentsList({ documentId, limit: 100 }))
      return items.map(({ text }) => text)
    }))
})

/** Goes through a sequence with tenants of its own, and says what is otherwise than the model at the end. */
const go = Effect.fnUntraced(function*(
  stage: Stage.Stage,
  cut: Trial["cut"],
  steps: ReadonlyArray<Step>,
  plant: PlantName | undefined
) {
  const actors = yield* Effect.forEach(Array.from({ length: tenants }), () => Stage.newActor(stage))
  const model: Model = { documents: [], datasets: [], serial: 0 }
  model.datasets.push(...yield* Effect.forEach(actors, makeDatasets))
  const trial: Trial = { stage, actors, model, cut }
  for (const [at, step] of [...beginning, ...steps].entries()) yield* take(trial, step, at)
  yield* rest(trial)
  if (plant !== undefined) yield* plants[plant](stage.installation, actors[0]!().tenant.tenantId)
  return yield* compare(trial)
})

export interface ModelOptions {
  readonly runs: number
  readonly seed: number
  readonly plant?: PlantName
  /** Looks for a shorter sequence that fails, which takes many times as long as finding one. */
  readonly shrink: boolean
}

/** Where sequences are taken, each by tenants of its own. */
interface Ground extends Pick<Trial, "cut"> {
  readonly stage: Stage.Stage
}

/** An installation, and what there is to know of it before the first sequence. */
export const prepare = Effect.fn("model.prepare")(function*(profile: Profile) {
  const stage = yield* Stage.make(profile)
  return { stage, cut: yield* learn(stage) } satisfies Ground
})

/** Takes random sequences of steps. Answers nothing if all went as in the model; else one that did not, and how. */
export const checkModel = Effect.fn("model.check")(
  function*({ cut, stage }: Ground, { plant, runs, seed, shrink }: ModelOptions) {
    const run = Effect.runPromiseWith(yield* Effect.context<never>())
    const property = fc.asyncProperty(sequences, async (steps) => {
      const findings = await run(
        go(stage, cut, steps, plant).pipe(Effect.catchCause((cause) => Effect.succeed([String(cause)])))
      )
      if (findings.length > 0) throw new Error(findings.slice(0, 8).join("\n"))
    })
    const result = yield* Effect.promise(() => fc.check(property, { numRuns: runs, seed, endOnFailure: !shrink }))
    if (!result.failed) return undefined
    return [
      `seed ${seed}, after ${result.numRuns} runs and ${result.numShrinks} times shorter:`,
      ...(result.counterexample?.[0] ?? []).map((step) => `  ${JSON.stringify(step)}`),
      String(result.errorInstance)
    ].join("\n")
  }
)
