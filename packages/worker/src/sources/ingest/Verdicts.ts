import { type Decision, type EventRef, IngestEventsRepo } from "@sheaf/adapters/repos/events/IngestEventsRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import type { TenantId } from "@sheaf/domain/ids"
import { explainRejection, type IngestRejection } from "@sheaf/domain/ingest/IngestVerdict"
import { Context, Effect, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"

/** An event of a tenant that there is. */
export interface Known extends EventRef {
  readonly tenantId: TenantId
  /** Of its document, where it could be read. */
  readonly name: string | null
}

/** What was decided about events: each of them once, whoever brings it how often, at the same time or after any crash. */
export class Verdicts extends Context.Service<Verdicts, {
  readonly standing: (event: Known) => Effect.Effect<Option.Option<Decision>>
  /** What was decided before, or else what `decide` says within this transaction; nobody else decides about the id meanwhile. */
  readonly once: <E, R>(event: Known, decide: Effect.Effect<Decision, E, R>) => Effect.Effect<Decision, E, R>
  readonly reject: (event: Known, reason: IngestRejection) => Effect.Effect<Decision>
}>()("@sheaf/worker/sources/ingest/Verdicts") {
  static readonly layer = Layer.effect(
    Verdicts,
    Effect.gen(function*() {
      const repo = yield* IngestEventsRepo
      const sql = yield* SqlClient.SqlClient

      const note = (event: Known, reason: IngestRejection) =>
        repo.decide(event.tenantId, {
          ...event,
          outcome: { _tag: "Rejected", reason, message: explainRejection(reason) }
        })

      // An event whose id is taken is itself decided about: it is kept and listed like any other.
      const standing: Verdicts["Service"]["standing"] = Effect.fn("Verdicts.standing")(function*(event) {
        const before = yield* repo.decided(event.tenantId, event)
        if (Option.isNone(before)) return Option.none()
        return Option.some(before.value === "reused" ? yield* note(event, { _tag: "EventIdReused" }) : before.value)
      })

      const once: Verdicts["Service"]["once"] = (event, decide) =>
        transact(sql)(Effect.gen(function*() {
          yield* repo.lock(event.tenantId, event.eventId)
          const before = yield* standing(event)
          return Option.isSome(before) ? before.value : yield* decide
        }))

      return Verdicts.of({ standing, once, reject: (event, reason) => once(event, note(event, reason)) })
    })
  )
}
