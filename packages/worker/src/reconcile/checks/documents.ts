import { Control } from "@sheaf/adapters/lifecycle/Control"
import { IndexSync } from "@sheaf/adapters/lifecycle/IndexSync"
import { installation } from "@sheaf/adapters/lifecycle/installation"
import { derivedId } from "@sheaf/adapters/repos/derivedId"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { JobsRepo, type NewJob } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { DocumentDriftRepo, type Standing } from "@sheaf/adapters/repos/upkeep/DocumentDriftRepo"
import type { Suspect } from "@sheaf/adapters/repos/upkeep/ReconciliationsRepo"
import { DatasetId, DocumentId, JobId, SegmentId, type TenantId } from "@sheaf/domain/ids"
import { Effect, Option } from "effect"
import { type Check, type SecondLook, type Verdict, verdict } from "../Check.ts"

const suspectsOf = ({ id, miscounted, removalWithoutJob, syncWithoutJob }: Standing): ReadonlyArray<Suspect> => {
  const all: Array<Suspect> = []
  if (removalWithoutJob) all.push({ kind: "removalWithoutJob", key: ["document", id] })
  if (syncWithoutJob) all.push({ kind: "syncWithoutJob", key: [id] })
  if (miscounted) all.push({ kind: "countOfDocument", key: [id] })
  return all
}

/** Deletions and changes of the index that nobody owes, wrong counts, and segments that are left behind. */
export const documentChecks = Effect.gen(function*() {
  const control = yield* Control
  const documents = yield* DocumentsRepo
  const jobs = yield* JobsRepo
  const repo = yield* DocumentDriftRepo
  const sync = yield* IndexSync

  const purge = (id: string, job: NewJob["job"]): NewJob => ({ id: JobId.make(id), lane: "bulk", job })

  /** The removal that is lacked, if it still is. */
  const removal = Effect.fnUntraced(function*(tenantId: TenantId, [what, id]: ReadonlyArray<string>) {
    if (what === "tenant") {
      return (yield* repo.tenantWithoutJob(tenantId))
        ? [purge(derivedId("purge tenant", tenantId), { _tag: "PurgeTenant", version: 1 })]
        : []
    }
    if (what === "dataset") {
      const datasetId = DatasetId.make(id!)
      return (yield* repo.datasetsWithoutJob(tenantId)).includes(datasetId)
        ? [purge(derivedId("purge dataset", datasetId), { _tag: "PurgeDataset", version: 1, datasetId })]
        : []
    }
    const document = yield* repo.look(tenantId, DocumentId.make(id!))
    if (Option.isNone(document) || !document.value.removalWithoutJob) return []
    const { datasetId, id: documentId } = document.value
    return [purge(derivedId("purge", documentId), { _tag: "PurgeDocument", version: 1, datasetId, documentId })]
  })

  const rebuild = (tenantId: TenantId, documentId: DocumentId): Effect.Effect<Verdict> =>
    control.retry({ tenantId, actor: installation }, { documentId, lane: "bulk" }).pipe(
      Effect.as("mended" as const),
      Effect.catchTags({
        // A run that is at work counts anew when it publishes.
        StateConflict: () => Effect.succeed("found" as const),
        DocumentNotFound: () => Effect.succeed("gone" as const)
      })
    )

  const all: Check = {
    look: Effect.fnUntraced(function*(tenantId, cursor) {
      const { found, next } = yield* repo.page(tenantId, cursor)
      return {
        suspects: found.flatMap(suspectsOf),
        next
      }
    }),
    again: {
      removalWithoutJob: ({ key, repair, tenantId, write }) =>
        write(Effect.gen(function*() {
          const owed = yield* removal(tenantId, key)
          if (repair) yield* jobs.enqueue(tenantId, owed)
          return verdict(owed.length > 0, repair)
        })),
      syncWithoutJob: ({ key: [id], repair, tenantId, write }) =>
        write(Effect.gen(function*() {
          const document = yield* repo.look(tenantId, DocumentId.make(id!))
          const isSo = Option.isSome(document) && document.value.syncWithoutJob
          if (isSo && repair) yield* sync.touch(tenantId, document.value.id, { all: false })
          return verdict(isSo, repair)
        })),
      countOfDocument: ({ key: [id], repair, tenantId, write }) =>
        write(Effect.gen(function*() {
          const document = yield* repo.look(tenantId, DocumentId.make(id!))
          if (Option.isNone(document) || !document.value.miscounted) return "gone" as const
          return repair ? yield* rebuild(tenantId, document.value.id) : "found"
        }))
    }
  }

  const above: Check = {
    look: Effect.fnUntraced(function*(tenantId) {
      const tenant: ReadonlyArray<Suspect> = (yield* repo.tenantWithoutJob(tenantId))
        ? [{ kind: "removalWithoutJob", key: ["tenant"] }]
        : []
      const datasets = (yield* repo.datasetsWithoutJob(tenantId)).map((id): Suspect => ({
        kind: "removalWithoutJob",
        key: ["dataset", id]
      }))
      return { suspects: [...tenant, ...datasets], next: null }
    }),
    again: {}
  }

  const unheld = ({ key: [documentId, segmentId], repair, tenantId, write }: SecondLook) =>
    write(Effect.gen(function*() {
      const document = DocumentId.make(documentId!)
      const segment = SegmentId.make(segmentId!)
      yield* documents.lock(tenantId, document)
      if (!(yield* repo.isUnheld(tenantId, segment))) return "gone" as const
      if (!repair) return "found" as const
      yield* repo.owe(tenantId, document, segment, { repair })
      yield* sync.touch(tenantId, document, { all: false })
      return "mended" as const
    }))
  const segments: Check = {
    look: (tenantId, cursor) =>
      Effect.map(repo.unheld(tenantId, cursor), ({ found, next }) => ({
        suspects: found.map(({ documentId, id }) => ({ kind: "segmentWithoutRun", key: [documentId, id] })),
        next
      })),
    again: { segmentWithoutRun: unheld }
  }

  return [all, above, segments]
})
