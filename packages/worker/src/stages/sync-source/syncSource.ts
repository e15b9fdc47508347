import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { LeasesRepo } from "@sheaf/adapters/repos/jobs/LeasesRepo"
import { SyncsRepo, type SyncWork } from "@sheaf/adapters/repos/syncs/SyncsRepo"
import { SyncTurnsRepo } from "@sheaf/adapters/repos/syncs/SyncTurnsRepo"
import type { NotionReader } from "@sheaf/adapters/notion/NotionApi"
import type { TenantId } from "@sheaf/domain/ids"
import { isOver, type SyncFailure } from "@sheaf/domain/syncs/Sync"
import { Duration, Effect, Option } from "effect"
import * as Stage from "../../pipeline/Stage.ts"
import { comparing } from "./listing.ts"
import { openingConnections } from "./opening.ts"
import { givingTurns } from "./turn.ts"

/** Items in one go: then other syncs have their turn. */
const page = 20

/** For how long one go may hold what it works on; renewed by each. */
const lease = Duration.minutes(15)

/** When whoever finds a source being worked on looks again. */
const busy = Duration.seconds(2)

/** Failed attempts of one sync that are no item's fault, some half an hour of them, before it is given up. */
const maxAttempts = 30

/**
 * Compares a dataset with what it follows: looks up what there is, then gives each item that may have changed its turn. Nothing that serves is
 * touched before what replaces it is built, and nothing is taken for gone but by a listing that came to its end.
 */
export const syncSource = Effect.gen(function*() {
  const compare = yield* comparing
  const connections = yield* openingConnections
  const events = yield* EventsRepo
  const giveTurn = yield* givingTurns
  const leases = yield* LeasesRepo
  const syncs = yield* SyncsRepo
  const turns = yield* SyncTurnsRepo

  const finish = Effect.fnUntraced(function*(tenantId: TenantId, work: SyncWork, cause?: SyncFailure) {
    const { datasetId, id: syncId, sourceId, trigger } = work
    const state = cause === undefined ? "finished" : "failed"
    if (!(yield* syncs.end(tenantId, syncId, state, cause))) return
    const now = yield* syncs.work(tenantId, syncId)
    const { counts, total } = Option.getOrElse(now, () => work)
    yield* events.append(tenantId, { _tag: "SyncFinished", datasetId, sourceId, syncId, trigger, state, total, counts })
  })

  const list = Effect.fnUntraced(function*(
    { claim: { tenantId }, write }: Stage.Work<"SyncSource">,
    work: SyncWork,
    reader: NotionReader
  ) {
    const { fresh, owed, paused, unchanged } = yield* compare(tenantId, work, reader)
    const made = fresh.length === 0 ? [] : yield* write(turns.follow(tenantId, work.sourceId, fresh))
    const all = [...owed, ...made.map(({ id }) => id)]
    if (all.length > 0) yield* write(syncs.owe(tenantId, work.id, all))
    const counts = { ...(unchanged > 0 && { unchanged }), ...(paused > 0 && { paused }) }
    yield* write(syncs.run(tenantId, work.id, { total: all.length + unchanged + paused, counts }))
  })

  /** One go; answers whether there is more to do. */
  const go = Effect.fnUntraced(function*(stage: Stage.Work<"SyncSource">, work: SyncWork) {
    const { tenantId } = stage.claim
    const reader = yield* connections.open(tenantId, work.connectionId)
    if (work.state === "listing") yield* list(stage, work, reader)
    const next = yield* turns.pending(tenantId, work.id, page)
    for (const turn of next) {
      // Somebody may have taken the connection back meanwhile.
      yield* connections.check(tenantId, work.connectionId)
      yield* giveTurn(stage, work, reader, turn)
    }
    return next.length > 0
  })

  return Stage.make({
    handles: "SyncSource",
    concurrency: 2,
    timeout: "60 minutes",
    run: Effect.fn("syncSource")(function*(stage) {
      const { claim: { attempts, id: jobId, tenantId }, job: { syncId } } = stage
      const found = yield* syncs.work(tenantId, syncId)
      if (Option.isNone(found) || isOver(found.value.state)) return Stage.nothing
      const work = found.value
      if (attempts >= maxAttempts) {
        return finish(tenantId, work, { _tag: "Unavailable", detail: `${attempts} attempts failed` })
      }
      // By the job, not by the process: an attempt that follows a crash holds what the one before it held.
      const holder = `sync ${jobId}`
      if (!(yield* leases.hold(`sync ${work.sourceId}`, holder, lease))) {
        return yield* new Stage.TryAgain({ reason: "the source is being synced", patient: true, delay: busy })
      }
      const outcome = yield* go(stage, work).pipe(
        Effect.catchTag("Stopped", ({ cause }) => Effect.succeed(cause)),
        Effect.ensuring(Effect.ignoreCause(leases.releaseAll(holder), { log: "Warn" }))
      )
      if (typeof outcome === "object") {
        return finish(tenantId, work, outcome)
      }
      if (outcome) {
        return yield* new Stage.TryAgain({ reason: "other items wait", patient: true, delay: Duration.zero })
      }
      return finish(tenantId, work)
    })
  })
})
