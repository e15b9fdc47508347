import { BlobStore, documentPrefix } from "@sheaf/adapters/blobs/BlobStore"
import { sweepScratch } from "@sheaf/adapters/blobs/scratch"
import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { MailsRepo } from "@sheaf/adapters/repos/notifications/MailsRepo"
import { DeliveriesRepo } from "@sheaf/adapters/repos/webhooks/DeliveriesRepo"
import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { IdempotencyRepo } from "@sheaf/adapters/repos/access/IdempotencyRepo"
import { ImportWorkRepo } from "@sheaf/adapters/repos/imports/ImportWorkRepo"
import { IngestEventsRepo } from "@sheaf/adapters/repos/events/IngestEventsRepo"
import { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { LeasesRepo } from "@sheaf/adapters/repos/jobs/LeasesRepo"
import { OperationsRepo } from "@sheaf/adapters/repos/operations/OperationsRepo"
import { SyncsRepo } from "@sheaf/adapters/repos/syncs/SyncsRepo"
import { AnnotationHitsRepo } from "@sheaf/adapters/repos/annotations/AnnotationHitsRepo"
import { QueryLogRepo } from "@sheaf/adapters/repos/search/QueryLogRepo"
import { expiryPage } from "@sheaf/adapters/repos/rows"
import { type UploadRef, UploadsRepo } from "@sheaf/adapters/repos/documents/UploadsRepo"
import { Signals } from "@sheaf/adapters/signals/Signals"
import { Duration, Effect, Layer, Option, Queue, Schedule, Stream } from "effect"
import { upkeepChores } from "../reconcile/upkeepChores.ts"
import { boundUploads } from "./boundUploads.ts"
import { sweepImports } from "./sweepImports.ts"

export interface ChoresOptions {
  /** Names this process in leases. */
  readonly holder: string
  /** No other process can be at work on this database: leases of others are void. */
  readonly alone: boolean
}

/** What has to be done now and then, by any process but only by one: each chore holds its lease while it works. */
export const layer = (options: ChoresOptions) =>
  Layer.effectDiscard(
    Effect.gen(function*() {
      const blobs = yield* BlobStore
      const datasets = yield* DatasetsRepo
      const deliveries = yield* DeliveriesRepo
      const mails = yield* MailsRepo
      const events = yield* EventsRepo
      const idempotency = yield* IdempotencyRepo
      const imports = yield* ImportWorkRepo
      const ingested = yield* IngestEventsRepo
      const jobs = yield* JobsRepo
      const leases = yield* LeasesRepo
      const operations = yield* OperationsRepo
      const hits = yield* AnnotationHitsRepo
      const queries = yield* QueryLogRepo
      const signals = yield* Signals
      const syncs = yield* SyncsRepo
      const uploads = yield* UploadsRepo

      /** Runs a chore if this process may; a failure is logged and the chore comes round again. */
      const guarded = <A, E>(name: string, lease: Duration.Duration, chore: Effect.Effect<A, E>) =>
        leases.hold(name, options.holder, lease).pipe(
          Effect.flatMap((mine) => mine ? Effect.asVoid(chore) : Effect.void),
          Effect.catchCause((cause) => Effect.logWarning(`chore ${name} failed`, cause))
        )
      const every = <A, E>(name: string, interval: Duration.Duration, chore: Effect.Effect<A, E>) =>
        guarded(name, Duration.times(interval, 3), chore).pipe(
          Effect.repeat(Schedule.spaced(interval)),
          Effect.forkScoped
        )

      if (options.alone) yield* leases.releaseOthers(options.holder)
      // Files lie on one machine: each process looks for itself.
      yield* Effect.forkScoped(sweepScratch)

      // Events become readable only when they are numbered, so this one listens instead of merely looking.
      const numberAll = events.number(500).pipe(Effect.repeat({ while: (numbered) => numbered === 500 }))
      const wake = yield* Queue.sliding<void>(1)
      const written = yield* signals.subscribe("EventsWritten")
      yield* written.pipe(Stream.runForEach(() => Queue.offer(wake, undefined)), Effect.forkScoped)
      yield* guarded("events", Duration.seconds(5), numberAll).pipe(
        Effect.andThen(Queue.take(wake).pipe(Effect.timeoutOption(Duration.seconds(1)))),
        Effect.forever,
        Effect.forkScoped
      )

      yield* Effect.addFinalizer(() => Effect.ignoreCause(leases.releaseAll(options.holder), { log: "Warn" }))
      if (options.alone) yield* jobs.reap((holder) => holder !== options.holder)
      yield* every("reaper", Duration.seconds(5), jobs.reap())
      yield* every(
        "counters",
        Duration.seconds(10),
        datasets.fold(1_000).pipe(Effect.repeat({ while: (folded) => folded === 1_000 }))
      )

      // The row goes first, and only as long as no document came of it: whoever finishes the upload at this moment has locked it.
      const sweep = Effect.fnUntraced(function*(upload: UploadRef) {
        if (!(yield* uploads.expire(upload))) return
        yield* blobs.removePrefix(documentPrefix(upload))
      }, Effect.catchCause((cause) => Effect.logWarning("sweeping an upload failed", cause)))
      const sweepUploads = uploads.expired(100).pipe(
        Effect.tap(Effect.forEach(sweep, { discard: true })),
        Effect.repeat({ while: (swept) => swept.length === 100 })
      )
      yield* every("uploads", Duration.minutes(5), sweepUploads)
      yield* every("imports", Duration.minutes(5), yield* sweepImports)
      const bound = yield* boundUploads
      if (Option.isSome(bound)) yield* every("upload-sizes", Duration.minutes(1), bound.value)
      for (const { chore, interval, name } of yield* upkeepChores) yield* every(name, interval, chore)
      yield* every(
        "retention",
        Duration.minutes(15),
        Effect.forEach(
          [
            hits.expire,
            deliveries.expire,
            events.expire,
            idempotency.expire,
            imports.expire,
            ingested.expire,
            mails.expire,
            operations.expire,
            queries.expire,
            syncs.expire
          ],
          (page) => page.pipe(Effect.repeat({ while: (gone) => gone === expiryPage })),
          { discard: true }
        )
      )
    })
  )
