import { Deferred, Effect, Fiber, Schedule } from "effect"
import { Runner } from "@sheaf/worker/pipeline/Runner"
import { difference } from "../evidence/canonical.ts"
import { snapshot } from "../evidence/snapshot.ts"
import type { Reference } from "../matrix/cell.ts"
import type { Scenario } from "../operations/Scenario.ts"
import * as Life from "../world/Life.ts"
import { quiet } from "../world/quiet.ts"
import { newActor, type Stage } from "../world/Stage.ts"

/** Time passes for leases: whoever stands still has lost what it held. */
const expireLeases = ({ installation: { observer } }: Stage) =>
  observer`update jobs set lease_expires_at = now() - interval '1 second' where state = 'leased'`.pipe(
    Effect.andThen(observer`update leases set expires_at = now() - interval '1 second'`),
    Effect.orDie
  )

/**
 * A process stands still at the point for longer than its lease. Another one does the work to its end; then the first goes on as if
 * nothing had happened. Answers what differs from the end without all that, before and after.
 */
export const frozen = Effect.fn("proof.frozen")(
  function*(stage: Stage, scenario: Scenario, { state }: Reference, point: string) {
    const actor = yield* newActor(stage)
    const { tenantId } = actor().tenant
    const act = yield* scenario(actor())
    const late = stage.life
    late.script.begin({ _tag: "Freeze", at: point })
    const acting = yield* Effect.forkDetach(Effect.ignore(act(actor())))
    const stood = yield* Effect.raceFirst(
      Effect.as(Deferred.await(late.script.stood), true),
      Effect.as(Effect.andThen(Fiber.join(acting), Effect.ignore(quiet(stage, tenantId))), false)
    )
    if (!stood) return { reached: false, findings: [] }
    stage.life = yield* Life.begin(stage.installation, { alone: false })
    yield* expireLeases(stage)
    yield* act(actor())
    yield* quiet(stage, tenantId)
    const before = difference(state, yield* snapshot(stage.installation, tenantId))
    late.script.thaw()
    const active = late.inside(Effect.flatMap(Runner, (runner) => runner.active))
    yield* Effect.repeat(active, { until: (busy) => busy === 0, schedule: Schedule.spaced("10 millis") })
    yield* quiet(stage, tenantId)
    const after = difference(state, yield* snapshot(stage.installation, tenantId))
    yield* late.bury
    return { reached: true, findings: [...before, ...after.map((line) => `after it went on: ${line}`)] }
  },
  Effect.catch((error) => Effect.succeed({ reached: true, findings: [error.message] }))
)
