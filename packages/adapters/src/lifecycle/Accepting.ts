import { DatasetNotFound } from "@sheaf/domain/datasets/errors"
import { cleanName } from "@sheaf/domain/documents/cleanName"
import type { Accepted, IfNameExists } from "@sheaf/domain/documents/DocumentsRpcs"
import {
  type DocumentExists,
  DocumentNameTaken,
  DocumentNotFound,
  type MetadataInvalid
} from "@sheaf/domain/documents/errors"
import { checkMetadata } from "@sheaf/domain/documents/fields"
import { BadRequest, type QuotaExceeded } from "@sheaf/domain/edge/errors"
import type { DocumentId } from "@sheaf/domain/ids"
import type { PipelineNotFound } from "@sheaf/domain/pipelines/errors"
import { Context, Data, Effect, Layer, Option, type Redacted } from "effect"
import { BlobStore, contentKey, rawKey } from "../blobs/BlobStore.ts"
import { QuotasRepo } from "../repos/access/QuotasRepo.ts"
import { DatasetsRepo } from "../repos/datasets/DatasetsRepo.ts"
import { ContentsRepo } from "../repos/documents/ContentsRepo.ts"
import { DetailsRepo } from "../repos/documents/DetailsRepo.ts"
import { DocumentSecretsRepo } from "../repos/documents/DocumentSecretsRepo.ts"
import { DocumentsRepo } from "../repos/documents/DocumentsRepo.ts"
import { Intake, type NewArrival } from "../repos/documents/Intake.ts"
import { type Standing, StandingRepo } from "../repos/documents/StandingRepo.ts"
import { EventsRepo } from "../repos/events/EventsRepo.ts"
import { Control } from "./Control.ts"
import { IndexSync } from "./IndexSync.ts"

/** Bytes that have come in under the key of a document that is yet to be, and what they are to become. */
export interface Arrival extends NewArrival {
  readonly ifNameExists: IfNameExists
  /** The document that gets the bytes, whatever names there are. */
  readonly replaces?: DocumentId
  /** What the bytes are opened with; whichever document gets them keeps it. */
  readonly password?: Redacted.Redacted
}

type Refusal =
  | DatasetNotFound
  | DocumentExists
  | DocumentNameTaken
  | DocumentNotFound
  | MetadataInvalid
  | QuotaExceeded
  | BadRequest
  | PipelineNotFound

/** The bytes belong to a document that was not foreseen: they must be brought to it first. */
export class Elsewhere extends Data.TaggedError("Elsewhere")<{}> {}

/** How documents are let in, whoever brings them: names, sameness, metadata and quotas are decided here, and once. */
export class Accepting extends Context.Service<Accepting, {
  /**
   * Accepts an arrival within the transaction that `within` makes around it. Bytes that replace those of a document are brought to that
   * document before, and taken away again if nothing came of it. An answer with another id than the arrival's means that the bytes under
   * the arrival's own key are not needed.
   */
  readonly accept: <A, E, R>(
    arrival: Arrival,
    within: (accept: Effect.Effect<Accepted, Refusal | Elsewhere>) => Effect.Effect<A, E | Elsewhere, R>
  ) => Effect.Effect<A, E, R>
}>()("@sheaf/adapters/lifecycle/Accepting") {
  static readonly layer = Layer.effect(
    Accepting,
    Effect.gen(function*() {
      const blobs = yield* BlobStore
      const contents = yield* ContentsRepo
      const control = yield* Control
      const datasets = yield* DatasetsRepo
      const details = yield* DetailsRepo
      const documents = yield* DocumentsRepo
      const events = yield* EventsRepo
      const intake = yield* Intake
      const passwords = yield* DocumentSecretsRepo
      const quotas = yield* QuotasRepo
      const standings = yield* StandingRepo
      const sync = yield* IndexSync

      /**
       * The same bytes again are a wish to have them built: where the document that holds them has failed, or was cancelled before
       * anything of it was published, another run begins.
       */
      const wanted = Effect.fnUntraced(function*({ actor, lane, tenantId }: NewArrival, accepted: Accepted) {
        if (!accepted.reused) return accepted
        const found = yield* standings.find(tenantId, accepted.documentId)
        if (Option.isNone(found) || !isIdle(found.value)) return accepted
        const runId = yield* control.begin({ tenantId, actor }, { documentId: accepted.documentId, lane }).pipe(
          // Deleted at this moment: it is there no more for whoever asks.
          Effect.catchTag("DocumentNotFound", () => Effect.succeed(accepted.runId))
        )
        return { ...accepted, runId }
      })
      const letIn = (arrival: NewArrival) =>
        Effect.flatMap(intake.accept(arrival), (accepted) => wanted(arrival, accepted))

      /** The document whose bytes the arrival is to replace, as it looks now. */
      const targetOf = ({ datasetId, ifNameExists, name, replaces, tenantId }: Arrival) => {
        if (replaces !== undefined) return Effect.succeed(replaces)
        if (ifNameExists !== "replace") return Effect.succeed(null)
        return Effect.map(
          contents.findNamed(tenantId, datasetId, name),
          Option.match({ onNone: () => null, onSome: ({ documentId }) => documentId })
        )
      }

      /** A run at work would publish bytes that are not wanted any more. The run is ended before the document is locked. */
      const hold = Effect.fnUntraced(function*({ actor, tenantId }: Arrival, documentId: DocumentId) {
        const cancel = control.cancel({ tenantId, actor }, { documentId }).pipe(
          Effect.catchTag("StateConflict", () => Effect.void)
        )
        yield* cancel
        const held = yield* documents.lock(tenantId, documentId)
        if (Option.isNone(held) || held.value.deleting) return yield* new DocumentNotFound({ documentId })
        // One that began before the lock was ours.
        yield* cancel
      })

      const replace = Effect.fnUntraced(function*(arrival: Arrival, documentId: DocumentId) {
        const { actor, contentHash, datasetId, lane, tenantId } = arrival
        yield* hold(arrival, documentId)
        const rules = yield* datasets.holdFor(tenantId, datasetId)
        if (Option.isNone(rules)) return yield* new DatasetNotFound({ datasetId })
        const says = Object.keys(arrival.metadata).length > 0
        const invalid = says ? checkMetadata(rules.value.fields, arrival.metadata) : null
        if (invalid !== null) return yield* invalid
        const before = yield* contents.replace(tenantId, documentId, {
          ...arrival,
          contentId: arrival.documentId
        })
        const more = arrival.size - before
        yield* quotas.claim(tenantId, { bytes: Math.max(0, more) }, rules.value.limits)
        yield* details.set(tenantId, documentId, {
          ...(says && { metadata: arrival.metadata }),
          ...(arrival.replaces !== undefined && { name: arrival.name })
        })
        yield* datasets.count(tenantId, datasetId, { bytes: more })
        if (arrival.settings !== undefined) {
          yield* control.keep({ tenantId, actor }, { documentId, settings: arrival.settings })
        }
        const runId = yield* control.begin({ tenantId, actor }, { documentId, lane })
        if (says || arrival.replaces !== undefined) yield* sync.touch(tenantId, documentId, { all: false })
        yield* events.append(tenantId, { _tag: "DocumentReplaced", datasetId, documentId, runId, name: arrival.name })
        return { documentId, runId, contentHash, reused: false, replaced: true } satisfies Accepted
      })

      const renamed = (arrival: Arrival, name: string) =>
        Effect.map(
          letIn({ ...arrival, name }),
          (accepted) => accepted.reused ? accepted : { ...accepted, name }
        )

      const decide = Effect.fnUntraced(function*(arrival: Arrival, target: DocumentId | null) {
        const { contentHash, datasetId, ifNameExists, name, tenantId } = arrival
        if (arrival.replaces !== undefined) return yield* replace(arrival, arrival.replaces)
        if (ifNameExists === "new") return yield* letIn(arrival)
        yield* contents.lockName(tenantId, datasetId, name)
        const named = Option.getOrNull(yield* contents.findNamed(tenantId, datasetId, name))
        if (named === null) return yield* letIn(arrival)
        const { documentId } = named
        switch (ifNameExists) {
          case "reject":
            return named.contentHash === contentHash && arrival.ifSame === "reuse"
              ? yield* letIn(arrival)
              : yield* new DocumentNameTaken({ documentId, name })
          case "rename":
            return yield* renamed(arrival, yield* contents.freeName(tenantId, datasetId, name))
          case "replace": {
            // The newest bytes are these already.
            if (named.contentHash === contentHash) {
              return yield* wanted(arrival, { documentId, runId: named.runId, contentHash, reused: true })
            }
            if (target !== documentId) return yield* new Elsewhere()
            // Deleted in this moment: its name is free.
            return yield* Effect.catchTag(replace(arrival, documentId), "DocumentNotFound", () => new Elsewhere())
          }
        }
      })

      /** Its run is owed already, and begins when the transaction ends. */
      const keepPassword = ({ password, tenantId }: Arrival, { documentId }: Accepted) =>
        password === undefined
          ? Effect.void
          : passwords.set(tenantId, documentId, password).pipe(
            Effect.mapError(({ message }) => new BadRequest({ reason: message }))
          )

      /** Idempotent: what an attempt has brought before is there. */
      const bring = (arrival: Arrival, documentId: DocumentId) =>
        blobs.put(keyAt(arrival, documentId), blobs.get(rawKey(arrival))).pipe(
          Effect.catchTag("BlobExists", () => Effect.void),
          Effect.orDie
        )

      const takeBack = (arrival: Arrival, documentId: DocumentId) =>
        Effect.flatMap(contents.holds(arrival.tenantId, documentId, arrival.documentId), (held) =>
          held
            ? Effect.void
            : Effect.ignore(blobs.removePrefix(keyAt(arrival, documentId)), { log: "Warn" }))

      const accept: Accepting["Service"]["accept"] = <A, E, R>(
        sent: Arrival,
        within: (accept: Effect.Effect<Accepted, Refusal | Elsewhere>) => Effect.Effect<A, E | Elsewhere, R>
      ) => {
        const arrival = { ...sent, name: cleanName(sent.name) }
        const attempt = Effect.gen(function*() {
          const target = yield* targetOf(arrival)
          const once = within(Effect.tap(decide(arrival, target), (accepted) => keepPassword(arrival, accepted)))
          if (target === null) return yield* once
          yield* bring(arrival, target)
          // After a defect the transaction may have been committed all the same, and the bytes are the document's.
          return yield* once.pipe(
            Effect.tap(() => takeBack(arrival, target)),
            Effect.tapError(() => takeBack(arrival, target))
          )
        })
        const retried: Effect.Effect<A, E, R> = Effect.catchIf(
          attempt,
          (error): error is Elsewhere & (E | Elsewhere) => error instanceof Elsewhere,
          () => retried
        ) as never
        return retried
      }

      return Accepting.of({ accept })
    })
  )
}

const keyAt = (arrival: Arrival, documentId: DocumentId) => contentKey({ ...arrival, documentId }, arrival.documentId)

const isIdle = ({ publishedRunId, run }: Standing): boolean =>
  run?.state === "failed" || run?.state === "cancelled" && publishedRunId === null
