import { BlobStore, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import { DatasetsRepo, type PageOptions } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { derivedId } from "@sheaf/adapters/repos/derivedId"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { Intake } from "@sheaf/adapters/repos/documents/Intake"
import { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import type { DatasetNotFound } from "@sheaf/domain/datasets/errors"
import { cleanName } from "@sheaf/domain/documents/cleanName"
import type { Document } from "@sheaf/domain/documents/Document"
import type { Accepted, IfSame } from "@sheaf/domain/documents/DocumentsRpcs"
import { type DocumentExists, DocumentNotFound, StateConflict } from "@sheaf/domain/documents/errors"
import type { Metadata } from "@sheaf/domain/documents/Metadata"
import type { DocumentStatus } from "@sheaf/domain/documents/status"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { BadRequest } from "@sheaf/domain/edge/errors"
import { type DatasetId, DocumentId, JobId, type PageCursor, type RunId, type TenantId } from "@sheaf/domain/ids"
import type { Lane } from "@sheaf/domain/jobs/Job"
import { isFinal, type Run } from "@sheaf/domain/runs/Run"
import { Context, Effect, Layer, Option, Stream } from "effect"
import { Datasets } from "../datasets/Datasets.ts"
import { once } from "../edge/Idempotent.ts"
import { pageOr } from "../edge/pageOr.ts"
import { removeUnused } from "./removeUnused.ts"

/** How a document arrives, whatever it comes by. */
export interface Arrival {
  readonly datasetId: DatasetId
  readonly name: string
  readonly metadata?: Metadata
  readonly ifSame?: IfSame
  readonly lane?: Lane
}

export const arrivalDefaults = { metadata: {}, ifSame: "reuse", lane: "interactive" } as const

interface Named {
  readonly documentId: DocumentId
}

/** Documents and the work on them. Changes are part of the caller's transaction. */
export class Documents extends Context.Service<Documents, {
  readonly get: (caller: Caller, document: Named) => Effect.Effect<Document, DocumentNotFound>
  readonly list: (
    caller: Caller,
    options: PageOptions & {
      readonly datasetId: DatasetId
      readonly status?: ReadonlyArray<DocumentStatus>
      readonly name?: string
      readonly withTotal?: boolean
    }
  ) => Effect.Effect<
    { readonly items: ReadonlyArray<Document>; readonly next?: PageCursor; readonly total?: number },
    DatasetNotFound | BadRequest
  >
  readonly runs: (caller: Caller, document: Named) => Effect.Effect<ReadonlyArray<Run>, DocumentNotFound>
  readonly ingestText: (
    caller: Caller,
    text: Arrival & { readonly text: string; readonly mediaType?: string }
  ) => Effect.Effect<Accepted, DatasetNotFound | DocumentExists>
  /** Sees to it that the document is worked on: answers the run that is at work, or begins another, and forgets what was given up. */
  readonly begin: (caller: Caller, document: Named & { readonly lane: Lane }) => Effect.Effect<RunId, DocumentNotFound>
  /** Begins another run, unless one is at work. */
  readonly retry: (caller: Caller, document: Named) => Effect.Effect<Run, DocumentNotFound | StateConflict>
  /** Ends the newest run for good and stops whoever works for it. */
  readonly cancel: (caller: Caller, document: Named) => Effect.Effect<Run, DocumentNotFound | StateConflict>
  /** Invisible from the commit on. */
  readonly remove: (caller: Caller, document: Named) => Effect.Effect<void, DocumentNotFound>
}>()("@sheaf/server/documents/Documents") {
  static readonly layer = Layer.effect(
    Documents,
    Effect.gen(function*() {
      const blobs = yield* BlobStore
      const counters = yield* DatasetsRepo
      const datasets = yield* Datasets
      const events = yield* EventsRepo
      const intake = yield* Intake
      const jobs = yield* JobsRepo
      const repo = yield* DocumentsRepo
      const runsRepo = yield* RunsRepo

      const get: Documents["Service"]["get"] = Effect.fn("Documents.get")(function*(caller, { documentId }) {
        const found = yield* repo.find(caller, documentId)
        if (Option.isNone(found)) return yield* new DocumentNotFound({ documentId })
        return found.value
      })

      const list: Documents["Service"]["list"] = Effect.fn("Documents.list")(function*(caller, options) {
        yield* datasets.get(caller, options)
        return yield* pageOr(repo.list(caller, options))
      })

      const runs: Documents["Service"]["runs"] = Effect.fn("Documents.runs")(function*(caller, document) {
        const { id } = yield* get(caller, document)
        return yield* runsRepo.ofDocument(caller.tenantId, id)
      })

      const ingestText: Documents["Service"]["ingestText"] = Effect.fn("Documents.ingestText")(
        function*(caller, { mediaType, text, ...arrival }) {
          const { id: datasetId } = yield* datasets.get(caller, arrival)
          const { actor, tenantId } = caller
          const owner = { tenantId, datasetId, documentId: yield* newId(DocumentId) }
          const inTransaction = yield* once
          return yield* blobs.put(rawKey(owner), Stream.succeed(new TextEncoder().encode(text))).pipe(
            Effect.orDie,
            Effect.flatMap(({ sha256, size }) =>
              inTransaction(intake.accept({
                ...arrivalDefaults,
                ...arrival,
                ...owner,
                name: cleanName(arrival.name),
                declaredType: mediaType ?? "text/plain",
                size,
                contentHash: sha256,
                actor
              }))
            ),
            Effect.onExit(removeUnused(blobs, owner))
          )
        }
      )

      const conflict = (document: Document, action: string) =>
        new StateConflict({ documentId: document.id, status: document.status, action })

      const newest = (tenantId: TenantId, documentId: DocumentId) =>
        Effect.flatMap(
          runsRepo.ofDocument(tenantId, documentId),
          ([run]) =>
            run === undefined ? Effect.die(new Error(`document ${documentId} has no run`)) : Effect.succeed(run)
        )

      /** The document, locked, and the run that is at work on it. */
      const hold = Effect.fnUntraced(function*(caller: Caller, document: Named) {
        const { id } = yield* get(caller, document)
        yield* repo.lock(caller.tenantId, id)
        const now = yield* get(caller, document)
        return { now, atWork: now.run !== null && !isFinal(now.run.state) ? now.run.id : null }
      })

      /** Part of a transaction that holds the document. */
      const beginRun = Effect.fnUntraced(
        function*(caller: Caller, { datasetId, id: documentId }: Document, lane: Lane) {
          const { actor, tenantId } = caller
          const settings = yield* counters.hold(tenantId, datasetId)
          if (Option.isNone(settings)) return yield* new DocumentNotFound({ documentId })
          yield* jobs.forgetDead(tenantId, documentId)
          return yield* intake.begin({ tenantId, datasetId, documentId, config: { ...settings.value, lane }, actor })
        }
      )

      const begin: Documents["Service"]["begin"] = Effect.fn("Documents.begin")(
        function*(caller, { lane, ...document }) {
          const { atWork, now } = yield* hold(caller, document)
          if (atWork === null) return yield* beginRun(caller, now, lane)
          yield* jobs.forgetDead(caller.tenantId, now.id)
          return atWork
        }
      )

      const retry: Documents["Service"]["retry"] = Effect.fn("Documents.retry")(function*(caller, document) {
        const { atWork, now } = yield* hold(caller, document)
        if (atWork !== null) return yield* conflict(now, "be retried")
        yield* beginRun(caller, now, "interactive")
        return yield* newest(caller.tenantId, now.id)
      })

      /** The run before its jobs, and those before the document: the order in which workers take locks, so that none waits in a circle. */
      const stop = Effect.fnUntraced(function*(tenantId: TenantId, { datasetId, id: documentId, run }: Document) {
        if (run === null || isFinal(run.state)) return false
        if (!(yield* runsRepo.end(tenantId, run.id, "cancelled"))) return false
        yield* jobs.dropRun(tenantId, run.id)
        yield* events.append(tenantId, { _tag: "RunCancelled", datasetId, documentId, runId: run.id })
        return true
      })

      const cancel: Documents["Service"]["cancel"] = Effect.fn("Documents.cancel")(function*(caller, named) {
        const { tenantId } = caller
        const document = yield* get(caller, named)
        const { datasetId, id: documentId, run } = document
        if (run === null || !(yield* stop(tenantId, document))) {
          return yield* conflict(yield* get(caller, named), "be cancelled")
        }
        yield* jobs.enqueue(tenantId, [{
          id: JobId.make(derivedId("purge", run.id)),
          lane: "bulk",
          job: { _tag: "PurgeRun", version: 1, datasetId, documentId, runId: run.id }
        }])
        return yield* newest(tenantId, documentId)
      })

      const remove: Documents["Service"]["remove"] = Effect.fn("Documents.remove")(function*(caller, named) {
        const { tenantId } = caller
        const document = yield* get(caller, named)
        const { datasetId, id: documentId } = document
        yield* stop(tenantId, document)
        const locked = yield* repo.lock(tenantId, documentId)
        if (Option.isNone(locked) || locked.value.deleting) return yield* new DocumentNotFound(named)
        // A run that began before the lock was ours.
        yield* stop(tenantId, yield* get(caller, named))
        yield* repo.markDeleting(tenantId, documentId)
        const { segments, size, tokens } = locked.value
        yield* counters.count(tenantId, datasetId, {
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
      })

      return Documents.of({ get, list, runs, ingestText, begin, retry, cancel, remove })
    })
  )
}
