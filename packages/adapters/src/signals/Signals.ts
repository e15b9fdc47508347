import { DocumentId, RunId, TenantId } from "@sheaf/domain/ids"
import { JobTag, Lane } from "@sheaf/domain/jobs/Job"
import { Context, type Effect, Schema, type Scope, type Stream } from "effect"

/**
 * Something changed in the database: look there. A signal carries no state and may be lost, doubled or late; whoever listens also
 * looks by itself from time to time.
 */
export const Signal = Schema.TaggedUnion({
  /** Jobs of a stage may be due. */
  JobsDue: { stage: JobTag, lane: Lane },
  /** A run made progress or ended. */
  RunChanged: { tenantId: TenantId, documentId: DocumentId, runId: RunId },
  /** Cancel or pause was asked for. */
  RunControl: { runId: RunId },
  /** The search index agrees with a document. */
  IndexSynced: { tenantId: TenantId, documentId: DocumentId },
  /** Events were written and want numbers. */
  EventsWritten: { tenantId: TenantId },
  /** Events were numbered: readers may go on. */
  EventsNumbered: { tenantId: TenantId }
})
export type Signal = typeof Signal.Type

/** Wakes up whoever waits for a change, in this process (embedded) or in all of them (NATS). */
export class Signals extends Context.Service<Signals, {
  /** Never fails and never waits: a lost signal costs a poll interval. */
  readonly send: (signal: Signal) => Effect.Effect<void>
  /** From the moment the effect returns no signal is missed (but for overload: then the oldest go). */
  readonly subscribe: <Tag extends Signal["_tag"]>(
    tag: Tag
  ) => Effect.Effect<Stream.Stream<Extract<Signal, { readonly _tag: Tag }>>, never, Scope.Scope>
}>()("@sheaf/adapters/signals/Signals") {}
