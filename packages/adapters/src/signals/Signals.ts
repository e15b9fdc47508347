import type { DocumentId, RunId, TenantId } from "@sheaf/domain/ids"
import type { JobTag, Lane } from "@sheaf/domain/jobs/Job"
import { Context, type Effect, type Scope, type Stream } from "effect"

/**
 * Something changed in the database: look there. A signal carries no state and may be lost, doubled or late; whoever listens also
 * looks by itself from time to time.
 */
export type Signal =
  /** Jobs of a stage may be due. */
  | { readonly _tag: "JobsDue"; readonly stage: JobTag; readonly lane: Lane }
  /** A run made progress or ended. */
  | { readonly _tag: "RunChanged"; readonly tenantId: TenantId; readonly documentId: DocumentId; readonly runId: RunId }
  /** Cancel or pause was asked for. */
  | { readonly _tag: "RunControl"; readonly runId: RunId }
  /** Events were written and want numbers. */
  | { readonly _tag: "EventsWritten"; readonly tenantId: TenantId }
  /** Events were numbered: readers may go on. */
  | { readonly _tag: "EventsNumbered"; readonly tenantId: TenantId }

/** Wakes up whoever waits for a change, in this process (embedded) or in all of them (NATS). */
export class Signals extends Context.Service<Signals, {
  /** Never fails and never waits: a lost signal costs a poll interval. */
  readonly send: (signal: Signal) => Effect.Effect<void>
  /** From the moment the effect returns no signal is missed (but for overload: then the oldest go). */
  readonly subscribe: <Tag extends Signal["_tag"]>(
    tag: Tag
  ) => Effect.Effect<Stream.Stream<Extract<Signal, { readonly _tag: Tag }>>, never, Scope.Scope>
}>()("@sheaf/adapters/signals/Signals") {}
