import { type DeadLetterConditions, DeadLettersRepo } from "@sheaf/adapters/repos/jobs/DeadLettersRepo"
import type { PageOptions } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { type DeadLetter, type Requeued } from "@sheaf/domain/admin/DeadLettersRpcs"
import { DeadLetterNotFound } from "@sheaf/domain/admin/errors"
import type { DatasetNotFound } from "@sheaf/domain/datasets/errors"
import type { DocumentNotFound } from "@sheaf/domain/documents/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { BadRequest } from "@sheaf/domain/edge/errors"
import type { DocumentId, PageCursor, RunId } from "@sheaf/domain/ids"
import { Array as Arr, Context, Effect, Layer, Order } from "effect"
import { Datasets } from "../datasets/Datasets.ts"
import { Documents } from "../documents/Documents.ts"
import { Runs } from "../documents/Runs.ts"
import { pageOr } from "../edge/pageOr.ts"

/** Dead letters at a time: they are requeued in one transaction, which others wait for. */
const atOnce = 50

/** Work that was given up, and what can be done about it. */
export class DeadLetters extends Context.Service<DeadLetters, {
  readonly list: (
    caller: Caller,
    options: PageOptions & DeadLetterConditions
  ) => Effect.Effect<
    { readonly items: ReadonlyArray<DeadLetter>; readonly next?: PageCursor },
    DatasetNotFound | DocumentNotFound | BadRequest
  >
  /** Part of the caller's transaction. */
  readonly requeue: (
    caller: Caller,
    which: DeadLetterConditions
  ) => Effect.Effect<typeof Requeued.Type, DatasetNotFound | DocumentNotFound | DeadLetterNotFound>
}>()("@sheaf/server/admin/DeadLetters") {
  static readonly layer = Layer.effect(
    DeadLetters,
    Effect.gen(function*() {
      const datasets = yield* Datasets
      const documents = yield* Documents
      const repo = yield* DeadLettersRepo
      const runs = yield* Runs

      /** Whoever names what is not there for them is told so. */
      const checked = Effect.fnUntraced(function*(caller: Caller, { datasetId, documentId }: DeadLetterConditions) {
        if (datasetId !== undefined) yield* datasets.get(caller, { datasetId })
        if (documentId !== undefined) yield* documents.get(caller, { documentId })
      })

      const requeue: DeadLetters["Service"]["requeue"] = Effect.fn("DeadLetters.requeue")(function*(caller, which) {
        yield* checked(caller, which)
        const { items, next } = yield* Effect.orDie(pageOr(repo.list(caller, { ...which, limit: atOnce })))
        if (which.jobIds !== undefined && items.length === 0) {
          return yield* new DeadLetterNotFound({ jobIds: which.jobIds })
        }
        // In one order, so that two of these do not wait for each other in a circle.
        const letters = Arr.dedupeWith(items, (a, b) => a.documentId === b.documentId)
        const begun = yield* Effect.forEach(
          Arr.sort(letters, Order.mapInput(Order.String, ({ documentId }: DeadLetter) => documentId)),
          ({ documentId, lane }) =>
            runs.begin(caller, { documentId, lane }).pipe(
              Effect.map((runId): ReadonlyArray<{ documentId: DocumentId; runId: RunId }> => [{ documentId, runId }]),
              // Deleted since we looked.
              Effect.catchTag("DocumentNotFound", () => Effect.succeed([]))
            )
        )
        return {
          documentIds: begun.flat().map(({ documentId }) => documentId),
          runIds: begun.flat().map(({ runId }) => runId),
          more: next !== undefined
        }
      })

      return DeadLetters.of({
        list: (caller, options) => Effect.andThen(checked(caller, options), pageOr(repo.list(caller, options))),
        requeue
      })
    })
  )
}
