import { TenantNotFound } from "@sheaf/domain/admin/errors"
import { type TenantRemoval } from "@sheaf/domain/admin/TenantRemovalRpcs"
import { TenantProtected } from "@sheaf/domain/admin/errors"
import { DatasetNotFound } from "@sheaf/domain/datasets/errors"
import { DocumentNotFound } from "@sheaf/domain/documents/errors"
import { type DatasetId, type DocumentId, JobId, type TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option } from "effect"
import { DatasetsRepo } from "../repos/datasets/DatasetsRepo.ts"
import { derivedId } from "../repos/derivedId.ts"
import { AttachmentsRepo } from "../repos/documents/AttachmentsRepo.ts"
import { DocumentsRepo } from "../repos/documents/DocumentsRepo.ts"
import { JobsRepo } from "../repos/jobs/JobsRepo.ts"
import { TombstonesRepo } from "../repos/upkeep/TombstonesRepo.ts"
import type { By } from "./By.ts"
import { Control } from "./Control.ts"

/**
 * The beginning of every deletion: what goes is invisible from the commit on, work on it is fenced, and the job that removes all it holds
 * is owed. Each is part of the caller's transaction. What is on its way out already is not there any more for whoever asks again.
 */
export class Removal extends Context.Service<Removal, {
  /** With it goes what was attached to it. */
  readonly document: (by: By, documentId: DocumentId) => Effect.Effect<void, DocumentNotFound>
  /** The job stops what is being built in it. */
  readonly dataset: (by: By, datasetId: DatasetId) => Effect.Effect<void, DatasetNotFound>
  /** Its keys are refused from the commit on. Asked again, it answers how far it is. */
  readonly tenant: (by: By, tenantId: TenantId) => Effect.Effect<TenantRemoval, TenantNotFound | TenantProtected>
}>()("@sheaf/adapters/lifecycle/Removal") {
  static readonly layer = Layer.effect(
    Removal,
    Effect.gen(function*() {
      const attachments = yield* AttachmentsRepo
      const control = yield* Control
      const datasets = yield* DatasetsRepo
      const documents = yield* DocumentsRepo
      const jobs = yield* JobsRepo
      const tombstones = yield* TombstonesRepo

      const removeOne = Effect.fnUntraced(
        function*(by: By, documentId: DocumentId) {
          const { tenantId } = by
          // The run before its jobs, and those before the document: the order in which workers take locks.
          yield* control.stop(by, { documentId })
          const locked = yield* documents.lock(tenantId, documentId)
          if (Option.isNone(locked) || locked.value.deleting) return yield* new DocumentNotFound({ documentId })
          const { datasetId, segments, size, tokens } = locked.value
          // A run that began before the lock was ours.
          yield* control.stop(by, { documentId })
          yield* documents.markDeleting(tenantId, documentId)
          yield* datasets.count(tenantId, datasetId, {
            documents: -1,
            segments: -segments,
            tokens: -tokens,
            bytes: -size
          })
          yield* jobs.enqueue(tenantId, [{
            id: JobId.make(derivedId("purge", documentId)),
            lane: "bulk",
            job: { _tag: "PurgeDocument", version: 1, datasetId, documentId }
          }])
        }
      )

      /**
       * What is attached is looked for under the lock of the document that it is attached to, under which it is let in: nothing comes in
       * behind. Work on it is stopped under that lock too, before its own: nobody who holds an attached document waits for the other.
       */
      const document: Removal["Service"]["document"] = Effect.fn("Removal.document")(
        function*(by, documentId) {
          yield* removeOne(by, documentId)
          const parents = [documentId]
          for (let parent = parents.pop(); parent !== undefined; parent = parents.pop()) {
            for (const child of yield* attachments.childrenOf(by.tenantId, parent)) {
              // Somebody was faster: with what is attached to it, too.
              yield* Effect.catchTag(removeOne(by, child), "DocumentNotFound", () => Effect.void)
              parents.push(child)
            }
          }
        }
      )

      const dataset: Removal["Service"]["dataset"] = Effect.fn("Removal.dataset")(function*({ tenantId }, datasetId) {
        if (!(yield* datasets.markDeleting(tenantId, datasetId))) return yield* new DatasetNotFound({ datasetId })
        yield* jobs.enqueue(tenantId, [{
          id: JobId.make(derivedId("purge dataset", datasetId)),
          lane: "bulk",
          job: { _tag: "PurgeDataset", version: 1, datasetId }
        }])
      })

      const tenant: Removal["Service"]["tenant"] = Effect.fn("Removal.tenant")(function*(by, tenantId) {
        if (by.tenantId === tenantId) return yield* new TenantProtected({ tenantId, reason: "own" })
        if (yield* tombstones.holdsFirstKey(tenantId)) {
          return yield* new TenantProtected({ tenantId, reason: "firstKey" })
        }
        if (yield* tombstones.begin(by, tenantId)) {
          yield* jobs.enqueue(tenantId, [{
            id: JobId.make(derivedId("purge tenant", tenantId)),
            lane: "bulk",
            job: { _tag: "PurgeTenant", version: 1 }
          }])
        }
        const removal = yield* tombstones.find(tenantId)
        if (Option.isNone(removal)) return yield* new TenantNotFound({ tenantId })
        return removal.value
      })

      return Removal.of({ document, dataset, tenant })
    })
  )
}
