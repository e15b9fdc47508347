import { DatasetNotFound } from "@sheaf/domain/datasets/errors"
import type { Actor } from "@sheaf/domain/edge/Caller"
import { type DatasetId, JobId, type SpaceChangeId, type SpaceId, type TenantId } from "@sheaf/domain/ids"
import { SpaceChangeConflict, SpaceChangeNotFound } from "@sheaf/domain/spaces/errors"
import type { Space } from "@sheaf/domain/spaces/Space"
import type { SpaceChangeCause, SpaceChangeState } from "@sheaf/domain/spaces/SpaceChange"
import { Context, type Duration, Effect, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"
import { derivedId } from "../repos/derivedId.ts"
import { EventsRepo } from "../repos/events/EventsRepo.ts"
import { JobsRepo, type NewJob } from "../repos/jobs/JobsRepo.ts"
import { done } from "../repos/rows.ts"
import { type ChangeRow, SpaceChangesRepo } from "../repos/spaces/SpaceChangesRepo.ts"

type Control = (
  who: { readonly tenantId: TenantId },
  changeId: SpaceChangeId
) => Effect.Effect<void, SpaceChangeNotFound | SpaceChangeConflict>

/** What can be done with a change in a state. */
const allowed: { readonly [State in SpaceChangeState]: ReadonlyArray<string> } = {
  building: ["pause", "resume", "cancel"],
  verifying: ["pause", "resume", "cancel"],
  failed: ["retry", "cancel"],
  switched: [],
  cancelled: []
}

/** The job of a step; the one before it is void. */
export const jobOf = (
  { datasetId, id: changeId, step }: Pick<ChangeRow, "id" | "datasetId" | "step">,
  delay?: Duration.Duration
): NewJob => ({
  id: JobId.make(derivedId(`space change ${step}`, changeId)),
  lane: "bulk",
  ...(delay !== undefined && { delay }),
  job: { _tag: "RebuildSpace", version: 1, datasetId, changeId, step }
})

/**
 * Begins and steers moves of datasets to other spaces. Part of the caller's transaction. Doing twice what is done already is fine. A change
 * that is stopped has no job any more: whoever works on it can write nothing from the commit on, and ends with the next heartbeat.
 */
export class SpaceControl extends Context.Service<SpaceControl, {
  readonly start: (
    who: { readonly tenantId: TenantId; readonly actor: Actor },
    datasetId: DatasetId,
    to: Space
  ) => Effect.Effect<SpaceChangeId, DatasetNotFound | SpaceChangeConflict>
  readonly pause: Control
  readonly resume: Control
  readonly cancel: Control
  readonly retry: Control
  /** A change to this space stands still from now on, so that others need not write there; the old one serves. */
  readonly fail: (
    tenantId: TenantId,
    datasetId: DatasetId,
    spaceId: SpaceId,
    cause: SpaceChangeCause
  ) => Effect.Effect<void>
}>()("@sheaf/adapters/lifecycle/SpaceControl") {
  static readonly layer = Layer.effect(
    SpaceControl,
    Effect.gen(function*() {
      const changes = yield* SpaceChangesRepo
      const events = yield* EventsRepo
      const jobs = yield* JobsRepo
      const sql = yield* SqlClient.SqlClient

      const dropJob = (tenantId: TenantId, change: ChangeRow) =>
        done(sql`delete from jobs where tenant_id = ${tenantId} and id = ${jobOf(change).id}`)

      /** The job's row is taken before the change's, as whoever works on it does. */
      const stop = Effect.fnUntraced(function*(tenantId: TenantId, changeId: SpaceChangeId) {
        const before = yield* changes.get(tenantId, changeId)
        if (Option.isNone(before)) return yield* new SpaceChangeNotFound({ changeId })
        if (allowed[before.value.state].length > 0) yield* dropJob(tenantId, before.value)
        const change = yield* changes.lock(tenantId, changeId)
        if (Option.isNone(change)) return yield* new SpaceChangeNotFound({ changeId })
        return change.value
      })

      const conflict = (action: string, { datasetId, id: changeId, state }: ChangeRow) =>
        new SpaceChangeConflict({ datasetId, changeId, state, action, allowed: allowed[state] })

      /** Goes on, with the next step. */
      const advance = Effect.fnUntraced(function*(
        tenantId: TenantId,
        change: ChangeRow,
        next: Parameters<SpaceChangesRepo["Service"]["advance"]>[2]
      ) {
        yield* changes.advance(tenantId, change, next)
        yield* jobs.enqueue(tenantId, [jobOf({ ...change, step: change.step + 1 })])
      })

      const start: SpaceControl["Service"]["start"] = Effect.fn("SpaceControl.start")(
        function*({ actor, tenantId }, datasetId, to) {
          const from = yield* changes.lockDataset(tenantId, datasetId)
          if (Option.isNone(from)) return yield* new DatasetNotFound({ datasetId })
          const action = "move to another space"
          const open = yield* changes.open(tenantId, datasetId)
          if (Option.isSome(open)) return yield* conflict(action, open.value)
          if (from.value === to.id) {
            return yield* new SpaceChangeConflict({ datasetId, state: "settled", action, allowed: [] })
          }
          const id = yield* changes.insert(tenantId, { datasetId, from: from.value, to, actor })
          yield* jobs.enqueue(tenantId, [jobOf({ id, datasetId, step: 0 })])
          return id
        }
      )

      const pause: Control = Effect.fn("SpaceControl.pause")(function*({ tenantId }, changeId) {
        const change = yield* stop(tenantId, changeId)
        if (change.state !== "building" && change.state !== "verifying") return yield* conflict("be paused", change)
        yield* dropJob(tenantId, change)
        if (!change.paused) yield* changes.advance(tenantId, change, { paused: true })
      })

      const resume: Control = Effect.fn("SpaceControl.resume")(function*({ tenantId }, changeId) {
        const change = yield* Effect.flatMap(
          changes.lock(tenantId, changeId),
          Effect.fromOption
        ).pipe(Effect.mapError(() => new SpaceChangeNotFound({ changeId })))
        if (change.state !== "building" && change.state !== "verifying") return yield* conflict("be resumed", change)
        if (change.paused) yield* advance(tenantId, change, { paused: false })
      })

      const cancel: Control = Effect.fn("SpaceControl.cancel")(function*({ tenantId }, changeId) {
        const change = yield* stop(tenantId, changeId)
        if (change.state === "cancelled") return
        if (change.state === "switched") return yield* conflict("be cancelled", change)
        yield* dropJob(tenantId, change)
        yield* advance(tenantId, change, { state: "cancelled", paused: false, fromTheStart: true })
      })

      const retry: Control = Effect.fn("SpaceControl.retry")(function*({ tenantId }, changeId) {
        const change = yield* stop(tenantId, changeId)
        if (change.state !== "failed") return yield* conflict("be retried", change)
        yield* advance(tenantId, change, { state: "building", paused: false, fromTheStart: true })
      })

      const fail: SpaceControl["Service"]["fail"] = Effect.fn("SpaceControl.fail")(
        function*(tenantId, datasetId, spaceId, cause) {
          const open = yield* changes.peek(tenantId, datasetId)
          if (Option.isNone(open) || open.value.to.id !== spaceId) return
          const change = yield* Effect.option(stop(tenantId, open.value.id))
          if (Option.isNone(change)) return
          const { state } = change.value
          if (state !== "building" && state !== "verifying") return
          yield* dropJob(tenantId, change.value)
          yield* changes.advance(tenantId, change.value, { state: "failed", paused: false, cause })
          yield* events.append(tenantId, { _tag: "SpaceChangeFailed", datasetId, changeId: change.value.id, cause })
        }
      )

      return SpaceControl.of({ start, pause, resume, cancel, retry, fail })
    })
  )
}
