import { Deferred, Effect, Fiber } from "effect"
import { difference } from "../evidence/canonical.ts"
import { type PlantName, plants } from "../evidence/plants.ts"
import { snapshot } from "../evidence/snapshot.ts"
import type { Scenario } from "../operations/Scenario.ts"
import { newActor, restart, type Stage } from "../world/Stage.ts"
import { quiet } from "../world/quiet.ts"

/** How an operation ended that went through without a crash, and the points that it passed. */
export interface Reference {
  readonly state: ReadonlyArray<string>
  readonly points: ReadonlyArray<string>
}

/** The operation as it goes when nothing happens. */
export const reference = Effect.fn("matrix.reference")(function*(stage: Stage, scenario: Scenario) {
  const actor = yield* newActor(stage)
  const { tenantId } = actor().tenant
  const act = yield* scenario(actor())
  stage.life.script.begin({ _tag: "Record" })
  yield* act(actor())
  yield* quiet(stage, tenantId)
  const points = [...new Set(stage.life.script.passed)]
  stage.life.script.begin(undefined)
  return { state: yield* snapshot(stage.installation, tenantId), points } satisfies Reference
})

const isLateBlob = (finding: string) => finding.startsWith("too much: blob ")

export interface CellOptions {
  readonly point: string
  /** A defect of our own, to see that it is found. */
  readonly plant?: PlantName
}

/** Dies at the point, starts again, lets the client repeat its call, and compares what has become of it. */
export const cell = Effect.fn("matrix.cell")(
  function*(stage: Stage, scenario: Scenario, { state }: Reference, { plant, point }: CellOptions) {
    const actor = yield* newActor(stage)
    const { tenantId } = actor().tenant
    const act = yield* scenario(actor())
    const { life } = stage
    life.script.begin({ _tag: "Crash", at: point })
    const crashed = yield* Effect.raceFirst(
      Effect.as(Deferred.await(life.script.died), true),
      // The client of a dead server waits for ever; whatever it calls is begun anew below.
      Effect.gen(function*() {
        yield* Effect.ignore(Fiber.join(yield* Effect.forkDetach(act(actor()))))
        yield* Effect.ignore(quiet(stage, tenantId))
        return false
      })
    )
    if (crashed) {
      const dead = yield* restart(stage)
      yield* act(actor())
      yield* quiet(stage, tenantId)
      yield* dead.bury
    } else {
      life.script.begin(undefined)
      yield* quiet(stage, tenantId)
    }
    if (plant !== undefined) yield* plants[plant](stage.installation, tenantId)
    const look = Effect.map(snapshot(stage.installation, tenantId), (found) => difference(state, found))
    const findings = yield* look
    if (plant !== undefined || findings.length === 0 || !findings.every(isLateBlob)) {
      return { reached: crashed, findings }
    }
    // Bytes that came before their row belong to nobody: that is what the reconciler is there for.
    const { call, client, once, rest } = actor()
    yield* call(client.DriftLook({ repair: true, ...once("look for drift") }))
    yield* rest
    const left = (yield* look).filter((finding) => !finding.includes("DriftLook"))
    return { reached: crashed, findings: left }
  },
  Effect.catch((error) => Effect.succeed({ reached: true, findings: [error.message] }))
)
