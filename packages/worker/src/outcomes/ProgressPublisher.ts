import { progressSubject } from "@sheaf/adapters/nats/exchange"
import { NatsConnection } from "@sheaf/adapters/nats/NatsConnection"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { LeasesRepo } from "@sheaf/adapters/repos/jobs/LeasesRepo"
import { Signals } from "@sheaf/adapters/signals/Signals"
import { DocumentProgress } from "@sheaf/domain/documents/Document"
import { progressOf } from "@sheaf/domain/documents/progressOf"
import type { DocumentId, TenantId } from "@sheaf/domain/ids"
import { Duration, Effect, Layer, Option, Queue, Schema, Stream } from "effect"
import { readerOf } from "./reader.ts"

// Says how the work on documents stands, as plain messages on `sheaf.progress.<tenant>.<dataset>.<document>`:
//
//   ProgressPublisher.layer({ holder })      over NatsConnection, Signals and the repositories
//
// A convenience for whoever looks on: changes in quick succession are one message, and one that is lost is made good by the next.
// Whoever must know how it ended listens to the events.

export interface Options {
  /** Names this process in leases. */
  readonly holder: string
}

const lease = { name: "progress", time: Duration.seconds(10) }

/** Changes of a document within this time are one message. */
const pace = Duration.millis(500)

/** Documents that are looked at together: with more at work, each is told of more seldom. */
const most = 50

const encode = Schema.encodeSync(Schema.fromJsonString(DocumentProgress))

const make = Effect.fn("ProgressPublisher.make")(function*({ holder }: Options) {
  const documents = yield* DocumentsRepo
  const leases = yield* LeasesRepo
  const nats = yield* NatsConnection
  const signals = yield* Signals
  const own = `${holder} ${lease.name}`
  yield* Effect.addFinalizer(() => Effect.ignoreCause(leases.releaseAll(own), { log: "Warn" }))

  const changed = new Map<DocumentId, TenantId>()
  const wake = yield* Queue.sliding<void>(1)
  const changes = yield* signals.subscribe("RunChanged")
  yield* changes.pipe(
    Stream.runForEach(({ documentId, tenantId }) => {
      changed.set(documentId, tenantId)
      return Queue.offer(wake, undefined)
    }),
    Effect.forkScoped
  )

  const tell = Effect.fnUntraced(function*([documentId, tenantId]: readonly [DocumentId, TenantId]) {
    const found = yield* documents.progress(readerOf(tenantId), documentId)
    if (Option.isNone(found)) return
    const { document, since } = found.value
    const progress = progressOf(document, since)
    if (progress === null) return
    const subject = progressSubject(nats, tenantId, document.datasetId, documentId)
    yield* nats.use("publish progress", ({ core }) => Promise.resolve(core.publish(subject, encode(progress))))
  })

  const round = Effect.gen(function*() {
    const all = [...changed]
    const { connected } = yield* nats.status
    // Nobody hears us, or another process tells it all: what is not told now is told with the next change.
    if (!connected || !(yield* leases.hold(lease.name, own, lease.time))) return changed.clear()
    const now = all.slice(0, most)
    for (const [documentId] of now) changed.delete(documentId)
    yield* Effect.forEach(now, tell, { concurrency: 4, discard: true })
  }).pipe(Effect.catchCause((cause) => Effect.logDebug("progress could not be published", cause)))

  yield* Effect.suspend(() => changed.size === 0 ? Queue.take(wake) : Effect.void).pipe(
    Effect.andThen(round),
    Effect.andThen(Effect.sleep(pace)),
    Effect.forever,
    Effect.forkScoped
  )
})

export const layer = (
  options: Options
): Layer.Layer<never, never, DocumentsRepo | LeasesRepo | NatsConnection | Signals> =>
  Layer.effectDiscard(make(options))
