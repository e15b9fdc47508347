import { AuditLogRepo } from "@sheaf/adapters/repos/access/AuditLogRepo"
import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { derivedId } from "@sheaf/adapters/repos/derivedId"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { type Decision, IngestEventsRepo } from "@sheaf/adapters/repos/events/IngestEventsRepo"
import { Accepting } from "@sheaf/adapters/lifecycle/Accepting"
import { newId } from "@sheaf/adapters/repos/newId"
import { TenantsRepo } from "@sheaf/adapters/repos/access/TenantsRepo"
import { isOutage } from "@sheaf/adapters/sql/isOutage"
import { cleanName } from "@sheaf/domain/documents/cleanName"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { DocumentId, TenantId } from "@sheaf/domain/ids"
import { type IngestEvent, IngestEventId } from "@sheaf/domain/ingest/IngestEvent"
import { explainRejection, type IngestRejection, type IngestVerdict } from "@sheaf/domain/ingest/IngestVerdict"
import { type ReadEvent, readIngestEvent } from "@sheaf/domain/ingest/readIngestEvent"
import { Cause, Context, DateTime, type Duration, Effect, Layer, Option, Random, Result, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import { createHash } from "node:crypto"
import { type Arrived, Contents } from "./Contents.ts"
import { Rejected, Undecided } from "./endings.ts"
import { publisherOf } from "./publisher.ts"
import { maxAttempts, pauseAfter, turnAfter } from "./retry.ts"
import { UrlSlots } from "./UrlSlots.ts"
import { type Known, Verdicts } from "./Verdicts.ts"

/** An event as it came in. */
export interface Message {
  /** The last token of its subject. */
  readonly tenant: string
  readonly bytes: Uint8Array
  /** How often it came, this time included. */
  readonly times: number
}

export interface IngestOptions {
  /** Bytes of a document, wherever they are. */
  readonly maxBytes: number
  /** Events that this process decides about at the same time; half of them may wait for foreign servers. */
  readonly concurrency: number
  /** Whatever takes longer hangs, and has failed. More than the slowest download that is allowed. Default 15 minutes. */
  readonly patience?: Duration.Input
}

/** Takes the events of other services, and decides about them once and for all. */
export class IngestEvents extends Context.Service<IngestEvents, {
  /** The verdict is durable when this returns. `Undecided`: nothing is, and the event must come again. */
  readonly take: (message: Message) => Effect.Effect<IngestVerdict, Undecided>
}>()("@sheaf/worker/sources/ingest/IngestEvents") {
  /** Open are the adapters' services and `GuardedFetch`. */
  static readonly layer = (options: IngestOptions) =>
    Layer.effect(IngestEvents, make(options)).pipe(
      Layer.provide(Layer.mergeAll(Accepting.layer, Contents.layer(options), Verdicts.layer))
    )
}

const make = Effect.fnUntraced(function*(options: IngestOptions) {
  const slots = new UrlSlots(options.concurrency)
  const patience = options.patience ?? "15 minutes"
  const audit = yield* AuditLogRepo
  const contents = yield* Contents
  const datasets = yield* DatasetsRepo
  const documents = yield* DocumentsRepo
  const accepting = yield* Accepting
  const repo = yield* IngestEventsRepo
  const tenants = yield* TenantsRepo
  const verdicts = yield* Verdicts

  const datasetOf = Effect.fnUntraced(function*(caller: Caller, { dataset }: IngestEvent) {
    const found = "id" in dataset
      ? yield* datasets.find(caller, dataset.id)
      : yield* datasets.findByName(caller, dataset.name)
    if (Option.isSome(found)) return found.value.id
    const named = "id" in dataset ? dataset.id : JSON.stringify(dataset.name)
    return yield* rejected({ _tag: "DatasetNotFound", dataset: named })
  })

  /** The bytes are there: the document, its work and the verdict become true together. */
  const accept = Effect.fnUntraced(function*(known: Known, event: IngestEvent, caller: Caller, arrived: Arrived) {
    const { owner: { datasetId }, sha256: actual } = arrived
    const { sha256: expected } = event
    if (expected !== undefined && expected !== actual) {
      return yield* rejected({ _tag: "HashMismatch", expected, actual })
    }
    const arrival = {
      ...arrived.owner,
      name: event.name,
      declaredType: event.mediaType ?? arrived.declaredType,
      size: arrived.size,
      contentHash: actual,
      metadata: event.metadata ?? {},
      ifSame: event.ifSame ?? "reuse",
      ifNameExists: event.ifNameExists ?? "new",
      lane: event.lane ?? "interactive",
      ...(event.settings !== undefined && { settings: event.settings }),
      actor: caller.actor
    }
    const decided = accepting.accept(arrival, (accept) =>
      verdicts.once(
        known,
        Effect.gen(function*() {
          const before = yield* arrived.claim
          const accepted = Option.isSome(before) ? before.value : yield* accept
          yield* arrived.settle(accepted)
          const { documentId, runId } = accepted
          const target = { eventId: known.eventId, datasetId, documentId, runId }
          yield* audit.append(known.tenantId, { operation: "IngestEvent", actor: caller.actor, target })
          return yield* repo.decide(known.tenantId, { ...known, outcome: { _tag: "Accepted", ...accepted } })
        })
      ))
    return yield* decided.pipe(
      Effect.catchTags({
        DatasetNotFound: ({ datasetId }) => rejected({ _tag: "DatasetNotFound", dataset: datasetId }),
        DocumentExists: ({ documentId }) => rejected({ _tag: "DocumentExists", documentId }),
        DocumentNameTaken: ({ documentId, name }) => rejected({ _tag: "DocumentNameTaken", documentId, name }),
        MetadataInvalid: ({ message }) => rejected({ _tag: "MetadataInvalid", detail: message }),
        BadRequest: ({ message }) => rejected({ _tag: "SettingsInvalid", detail: message }),
        PipelineNotFound: ({ message }) => rejected({ _tag: "SettingsInvalid", detail: message }),
        QuotaExceeded: ({ limit, quota }) => rejected({ _tag: "QuotaExceeded", quota, limit }),
        // Nobody named one to replace.
        DocumentNotFound: (error) => Effect.die(error)
      })
    )
  })

  /**
   * The document that is to be: the same in every attempt, so that whatever died before leaves nothing that the next one does not find. A
   * document of that id is one of an event that was forgotten since, and not to be touched.
   */
  const documentOf = Effect.fnUntraced(function*({ contentHash, eventId, tenantId }: Known) {
    const id = DocumentId.make(derivedId("ingested", tenantId, eventId, contentHash))
    return (yield* documents.exists(tenantId, id)) ? yield* newId(DocumentId) : id
  })

  const decide = Effect.fnUntraced(function*(known: Known, read: ReadEvent["event"]) {
    const before = yield* verdicts.standing(known)
    if (Option.isSome(before)) return before.value
    const tenant = yield* tenants.find(known.tenantId)
    if (Option.isNone(tenant) || tenant.value.state !== "active") return yield* rejected({ _tag: "TenantSuspended" })
    if (Result.isFailure(read)) return yield* rejected(read.failure)
    const event = read.success
    const caller = publisherOf(known.tenantId, event)
    const datasetId = yield* datasetOf(caller, event)
    const owner = { tenantId: known.tenantId, datasetId, documentId: yield* documentOf(known) }
    const arrived = yield* contents.bring(owner, event)
    const decision = yield* accept(known, event, caller, arrived).pipe(
      Effect.catchTag("Rejected", ({ reason }) => verdicts.reject(known, reason))
    )
    // Not before it is decided: somebody else may be at the same event, with the same bytes.
    yield* arrived.cleanUp(decision)
    return decision
  })

  /** An attempt that failed, and not for an outage: the next one later, or none any more. */
  const failed = Effect.fnUntraced(function*(known: Known, reason: string, last: IngestRejection) {
    const attempts = yield* repo.failed(known.tenantId, known)
    if (attempts >= maxAttempts) return yield* verdicts.reject(known, last)
    const after = pauseAfter(attempts, yield* Random.next)
    return yield* new Undecided({ reason, isOutage: false, after })
  })

  const bug = Effect.fnUntraced(function*(known: Known, defect: unknown) {
    const reference = SecureRandom.uuidV4Unsafe()
    yield* Effect.logError(`ingest event ${known.eventId} failed, reference ${reference}`, Cause.die(defect))
    return yield* failed(known, "it failed", { _tag: "Internal", reference })
  })

  /** Runs what may have to wait for a foreign server, if this tenant may have one more of those. */
  const inTurn = <A, E>(read: ReadEvent["event"], { tenant, times }: Message, effect: Effect.Effect<A, E>) => {
    if (Result.isFailure(read) || !("url" in read.success.content)) return effect
    const busy = Effect.flatMap(
      Random.next,
      (jitter) => new Undecided({ reason: "too many URLs at once", isOutage: false, after: turnAfter(times, jitter) })
    )
    return Effect.acquireUseRelease(
      Effect.suspend(() => slots.take(tenant) ? Effect.void : busy),
      () => effect,
      () => Effect.sync(() => slots.giveBack(tenant))
    )
  }

  const takeNow = Effect.fnUntraced(
    function*(tenant: string, contentHash: string, { event, eventId: sent }: ReadEvent) {
      // What has no id is named by what it is, so that it has one answer as well.
      const eventId = Option.getOrElse(sent, () => IngestEventId.make(`unnamed-${contentHash.slice(0, 32)}`))
      const verdict = ({ at, outcome }: Decision): IngestVerdict => ({ version: 1, tenant, eventId, at, outcome })
      yield* Effect.annotateCurrentSpan({ tenant, eventId })

      const tenantId = decodeTenant(tenant)
      if (Option.isNone(tenantId) || Option.isNone(yield* tenants.find(tenantId.value))) {
        const reason: IngestRejection = { _tag: "UnknownTenant" }
        const outcome = { _tag: "Rejected", reason, message: explainRejection(reason) } as const
        return verdict({ at: yield* DateTime.nowAsDate, outcome })
      }
      const name = Result.isSuccess(event) ? cleanName(event.success.name) : null
      const known: Known = { tenantId: tenantId.value, eventId, contentHash, name }
      return verdict(
        yield* decide(known, event).pipe(
          // An attempt that failed like any other: an event on which everything hangs is given up in the end.
          Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.die("it hung") }),
          Effect.catchTags({
            Rejected: ({ reason }) => verdicts.reject(known, reason),
            FetchFailed: ({ detail, isRetryable }) =>
              isRetryable
                ? failed(known, detail, { _tag: "UrlUnfetchable", detail })
                : verdicts.reject(known, { _tag: "UrlUnfetchable", detail })
          }),
          Effect.catchDefect((defect) => isOutage(defect) ? Effect.die(defect) : bug(known, defect))
        )
      )
    }
  )

  const take: IngestEvents["Service"]["take"] = Effect.fn("IngestEvents.take")(function*(message) {
    const contentHash = createHash("sha256").update(message.bytes).digest("hex")
    const read = readIngestEvent(message.bytes, message.tenant)
    // The queue of one tenant costs the others nothing, not even a look into the database.
    return yield* inTurn(read.event, message, takeNow(message.tenant, contentHash, read))
  }, Effect.catchDefect(undecided))

  return IngestEvents.of({ take })
})

const rejected = (reason: IngestRejection) => Effect.fail(new Rejected({ reason }))

/** Ids have one spelling in subjects: in capitals it would be another subject, with other permissions. */
const decodeTenant = (token: string) =>
  token === token.toLowerCase() ? Schema.decodeOption(TenantId)(token) : Option.none()

/** An outage, or a bug before it was known whose event it is: nothing could be decided. */
const undecided = (defect: unknown) =>
  Effect.gen(function*() {
    const reason = Cause.pretty(Cause.die(defect)).split("\n")[0] ?? "unknown"
    return yield* new Undecided({ reason, isOutage: isOutage(defect), after: undefined })
  })
