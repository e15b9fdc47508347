import { Clock, Effect, Random } from "effect"
import { listed } from "../evidence/Findings.ts"
import { gather } from "../evidence/Facts.ts"
import { judge } from "../evidence/judge.ts"
import { type PlantName, plants } from "../evidence/plants.ts"
import { acts } from "../operations/acts.ts"
import * as Steps from "../operations/steps.ts"
import type { Actor } from "../world/Actor.ts"
import { quiet } from "../world/quiet.ts"
import * as Stage from "../world/Stage.ts"

// Every pair of operations on one document at the same time. Either may be refused; whatever comes of it must hold together.

type Name = keyof typeof acts
const names = Object.keys(acts) as ReadonlyArray<Name>

/** Every pair, an operation with itself among them. */
const pairs: ReadonlyArray<readonly [Name, Name]> = names.flatMap((a, at) =>
  names.slice(at).map((b) => [a, b] as const)
)

interface Together {
  readonly operations: readonly [Name, Name]
  readonly findings: ReadonlyArray<string>
  readonly seconds: number
}

/** The same tenant, whose calls are others. */
const another = (actor: Actor): Actor => ({ ...actor, once: (name) => actor.once(`${name}, again`) })

/** Both begin within some milliseconds, in either order. */
const meet = Effect.fnUntraced(function*(stage: Stage.Stage, [a, b]: readonly [Name, Name], plant?: PlantName) {
  const actor = (yield* Stage.newActor(stage))()
  const target = yield* Steps.target(actor)
  const [before, after] = [yield* Random.nextIntBetween(0, 15), yield* Random.nextIntBetween(0, 15)]
  yield* Effect.all([
    Effect.delay(Effect.ignore(acts[a](target)(actor)), before),
    Effect.delay(Effect.ignore(acts[b](target)(another(actor))), after)
  ], { concurrency: "unbounded" })
  const { tenantId } = actor.tenant
  yield* quiet(stage, tenantId)
  if (plant !== undefined) yield* plants[plant](stage.installation, tenantId)
  return listed(judge(yield* gather(stage.installation, tenantId)))
})

/** How one pair went together. */
const together = Effect.fn("interleavings.together")(
  function*(stage: Stage.Stage, operations: readonly [Name, Name], plant?: PlantName) {
    const begun = yield* Clock.currentTimeMillis
    const findings = yield* meet(stage, operations, plant).pipe(
      Effect.catch((error) => Effect.succeed([error.message]))
    )
    return { operations, findings, seconds: ((yield* Clock.currentTimeMillis) - begun) / 1_000 } satisfies Together
  }
)

/** Pairs that go at the same time. */
const atOnce = 10

export interface MeetOptions<R> {
  /** Of each pair; every second one with every hint doubled. */
  readonly runs: number
  readonly only?: string
  /** So many of the pairs, drawn at random; all of them when left out. */
  readonly sample?: number
  readonly plant?: PlantName
  readonly onResult?: (result: Together) => Effect.Effect<void, never, R>
}

/** Where hints are given once, and where each is given twice: PostgreSQL with JetStream. */
interface Grounds {
  readonly plain: Stage.Stage
  readonly doubled: Stage.Stage
}

export const prepare = Effect.gen(function*() {
  const plain = yield* Stage.make("production")
  const doubled = yield* Stage.make("production", { alone: true, doubled: true })
  return { plain, doubled } satisfies Grounds
})

/** Every pair. */
export const meetAll = Effect.fn("interleavings.meetAll")(
  function*<R = never>({ doubled, plain }: Grounds, { only, onResult, plant, runs, sample }: MeetOptions<R>) {
    const wanted = pairs.filter((pair) => only === undefined || pair.some((name) => name === only))
    const drawn = sample === undefined ? wanted : (yield* Random.shuffle(wanted)).slice(0, sample)
    const trials = Array.from({ length: runs }, (_, run) => drawn.map((pair) => [pair, run] as const)).flat()
    return yield* Effect.forEach(
      trials,
      ([pair, run]) =>
        Effect.tap(
          together(run % 2 === 0 ? plain : doubled, pair, plant),
          (result) => onResult?.(result) ?? Effect.void
        ),
      { concurrency: atOnce }
    )
  }
)
