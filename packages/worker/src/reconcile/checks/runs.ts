import { Control } from "@sheaf/adapters/lifecycle/Control"
import { installation } from "@sheaf/adapters/lifecycle/installation"
import { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { RunDriftRepo } from "@sheaf/adapters/repos/upkeep/RunDriftRepo"
import { JobId, LeaseToken, RunId, WorkUnitId } from "@sheaf/domain/ids"
import { Effect, Option } from "effect"
import { type Check, verdict } from "../Check.ts"

/** Jobs that are held by nobody, runs for which nobody works, and ends that were told twice. */
export const runChecks = Effect.gen(function*() {
  const control = yield* Control
  const jobs = yield* JobsRepo
  const repo = yield* RunDriftRepo

  const leases: Check = {
    look: (tenantId) =>
      Effect.map(repo.expiredLeases(tenantId), (found) => ({
        suspects: found.map(({ id, token }) => ({ kind: "expiredLease", key: [id, token] })),
        next: null
      })),
    again: {
      expiredLease: ({ key: [id, token], repair, tenantId, write }) => {
        const lease = { id: JobId.make(id!), token: LeaseToken.make(token!) }
        return Effect.map(
          write(repair ? repo.free(tenantId, lease) : repo.isExpired(tenantId, lease)),
          (isSo) => verdict(isSo, repair)
        )
      }
    }
  }

  const units: Check = {
    look: (tenantId, cursor) =>
      Effect.map(repo.unitsWithoutJob(tenantId, cursor), ({ found, next }) => ({
        suspects: found.map((id) => ({ kind: "unitWithoutJob", key: [id] })),
        next
      })),
    again: {
      unitWithoutJob: ({ key: [id], repair, tenantId, write }) =>
        write(Effect.gen(function*() {
          const job = yield* repo.lacking(tenantId, WorkUnitId.make(id!))
          if (repair && Option.isSome(job)) yield* jobs.enqueue(tenantId, [job.value])
          return verdict(Option.isSome(job), repair)
        }))
    }
  }

  // Nothing says what such a run would have to do next: it makes room for another, which takes over all that it has made.
  const restart = (by: Parameters<typeof control.cancel>[0], document: Parameters<typeof control.cancel>[1]) =>
    Effect.andThen(control.cancel(by, document), control.retry(by, { ...document, lane: "bulk" })).pipe(
      Effect.as("mended" as const),
      // Somebody else has ended it, or the document goes.
      Effect.catchTag(["DocumentNotFound", "StateConflict"], () => Effect.succeed("gone" as const))
    )
  const idle: Check = {
    look: (tenantId, cursor) =>
      Effect.map(repo.idleRuns(tenantId, cursor), ({ found, next }) => ({
        suspects: found.map((id) => ({ kind: "idleRun", key: [id] })),
        next
      })),
    again: {
      idleRun: ({ key: [id], repair, tenantId, write }) =>
        write(Effect.gen(function*() {
          const documentId = yield* repo.isIdle(tenantId, RunId.make(id!))
          if (Option.isNone(documentId)) return "gone" as const
          if (!repair) return "found" as const
          return yield* restart({ tenantId, actor: installation }, { documentId: documentId.value })
        }))
    }
  }

  // A run ends once, in the transaction that says so: nobody writes what is looked at here any more.
  const ends: Check = {
    look: (tenantId, cursor) =>
      Effect.map(repo.toldTwice(tenantId, cursor), ({ found, next }) => ({
        suspects: found.map(({ runId, tag }) => ({ kind: "duplicateEvent", key: [runId, tag] })),
        next
      })),
    again: {
      duplicateEvent: ({ key: [runId, tag], repair, tenantId, write }) => {
        const end = { runId: runId!, tag: tag! }
        return Effect.map(
          write(repair ? repo.untell(tenantId, end) : repo.tooMany(tenantId, end)),
          (extra) => verdict(extra > 0, repair)
        )
      }
    }
  }

  return [leases, units, idle, ends]
})
