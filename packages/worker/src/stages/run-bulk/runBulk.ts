import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { OperationsRepo, type Outcome, type Work } from "@sheaf/adapters/repos/operations/OperationsRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import { isOutage } from "@sheaf/adapters/sql/isOutage"
import { DocumentNotFound } from "@sheaf/domain/documents/errors"
import type { DocumentId, JobId } from "@sheaf/domain/ids"
import { isOver } from "@sheaf/domain/operations/Operation"
import { Cause, Duration, Effect, Option } from "effect"
import { SqlClient } from "effect/sql"
import * as Stage from "../../pipeline/Stage.ts"
import { actions } from "./actions.ts"

/** Documents in one go: then other operations have their turn. */
const page = 100

/**
 * Gives each document of an operation its turn, in a transaction that holds the action and its result: so it happens once, and one that
 * fails undoes nothing of another.
 */
export const runBulk = Effect.gen(function*() {
  const documents = yield* DocumentsRepo
  const events = yield* EventsRepo
  const operations = yield* OperationsRepo
  const perform = yield* actions
  const part = transact(yield* SqlClient.SqlClient)

  /** As the action on this one document would end. What it changed before it was refused is undone. */
  const outcome = ({ action, caller }: Work, documentId: DocumentId, jobId: JobId): Effect.Effect<Outcome> =>
    part(Effect.gen(function*() {
      if (Option.isNone(yield* documents.find(caller, documentId))) return yield* new DocumentNotFound({ documentId })
      yield* perform(action, { tenantId: caller.tenantId, actor: caller.actor }, documentId)
    })).pipe(
      Effect.as<Outcome>({ state: "done" }),
      Effect.catch(({ _tag: tag, message }) =>
        Effect.succeed<Outcome>({ state: tag === "StateConflict" ? "skipped" : "failed", error: { tag, message } })
      ),
      Effect.catchDefect((defect) => {
        if (isOutage(defect)) return Effect.die(defect)
        const message = `Something went wrong on the server. Its log has the details under reference ${jobId}.`
        return Effect.as(
          Effect.logError("an action on one of many documents has a bug", Cause.die(defect)),
          { state: "failed", error: { tag: "InternalError", message } } as const
        )
      })
    )

  return Stage.make({
    handles: "RunBulk",
    concurrency: 1,
    timeout: "5 minutes",
    run: Effect.fn("runBulk")(function*({ claim: { id: jobId, tenantId }, job: { operationId }, write }) {
      const found = yield* operations.work(tenantId, operationId)
      if (Option.isNone(found) || isOver(found.value.state)) return Stage.nothing
      const work = found.value
      const again = (reason: string) => new Stage.TryAgain({ reason, patient: true, delay: Duration.zero })

      if (work.state === "selecting") {
        yield* write(operations.select(tenantId, operationId, work))
        return yield* again("documents are being selected")
      }

      const turn = (documentId: DocumentId) =>
        write(Effect.gen(function*() {
          if (!(yield* operations.take(tenantId, operationId, documentId))) return
          yield* operations.settle(tenantId, operationId, documentId, yield* outcome(work, documentId, jobId))
        }))
      const next = yield* operations.pending(tenantId, operationId, page)
      yield* Effect.forEach(next, turn, { discard: true })
      if (next.length === page) return yield* again("other documents are waiting for their turn")

      return Effect.gen(function*() {
        const finished = yield* operations.finish(tenantId, operationId)
        if (Option.isNone(finished)) return
        const { action, datasetId, done, failed, skipped, total } = finished.value
        const counts = { total, done, skipped, failed }
        yield* events.append(
          tenantId,
          { _tag: "OperationFinished", datasetId, operationId, action: action._tag, state: "finished", ...counts },
          work.owner
        )
      })
    })
  })
})
