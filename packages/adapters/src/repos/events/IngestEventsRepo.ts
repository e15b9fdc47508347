import type { PageCursor, TenantId } from "@sheaf/domain/ids"
import { IngestEventId } from "@sheaf/domain/ingest/IngestEvent"
import { type IngestRecord, IngestState } from "@sheaf/domain/ingest/IngestRpcs"
import { IngestOutcome } from "@sheaf/domain/ingest/IngestVerdict"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { PageOptions } from "../datasets/DatasetsRepo.ts"
import { CursorInstant, CursorText, decodeCursor, encodeCursor } from "../pageCursor.ts"
import { done, expiryPage, json, oneRow, rows } from "../rows.ts"

/** One content under one id: what a verdict is about. */
export interface EventRef {
  readonly eventId: IngestEventId
  /** Lower-case hex SHA-256 of the message. */
  readonly contentHash: string
}

export interface Decision {
  readonly outcome: IngestOutcome
  readonly at: Date
}

/** For how long an event is known, and a rejected one listed. */
export const ingestRetention = "30 days"

const encodeOutcome = Schema.encodeSync(IngestOutcome)

const RecordRow = Schema.Struct({
  eventId: IngestEventId,
  contentHash: Schema.String,
  state: IngestState,
  name: Schema.NullOr(Schema.String),
  outcome: IngestOutcome,
  receivedAt: Schema.Date,
  decidedAt: Schema.Date,
  decided: Schema.String
})

/** Events that other services sent in, by tenant and id, with what was decided. */
export class IngestEventsRepo extends Context.Service<IngestEventsRepo, {
  /** Until the end of the caller's transaction nobody else decides about this id. */
  readonly lock: (tenantId: TenantId, eventId: IngestEventId) => Effect.Effect<void>
  /** What was decided about this event before: the same again, or that its id belongs to another. */
  readonly decided: (tenantId: TenantId, event: EventRef) => Effect.Effect<Option.Option<Decision | "reused">>
  /** Part of the caller's transaction, which holds the lock. Answers with the time that it is decided. */
  readonly decide: (
    tenantId: TenantId,
    event: EventRef & { readonly name: string | null; readonly outcome: IngestOutcome }
  ) => Effect.Effect<Decision>
  /** Notes an attempt that failed by the event's own fault, and answers how many there were. */
  readonly failed: (tenantId: TenantId, event: EventRef) => Effect.Effect<number>
  /** What was decided, newest first; `None` for a cursor that is not of this list. */
  readonly list: (tenantId: TenantId, options: PageOptions & { readonly state?: IngestState }) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<IngestRecord>; readonly next?: PageCursor }>
  >
  /** Forgets a page of what is past its retention. Answers how many. */
  readonly expire: Effect.Effect<number>
}>()("@sheaf/adapters/repos/events/IngestEventsRepo") {
  static readonly layer = Layer.effect(
    IngestEventsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      const lock: IngestEventsRepo["Service"]["lock"] = (tenantId, eventId) =>
        done(sql`select pg_advisory_xact_lock(hashtextextended(${`ingest ${tenantId} ${eventId}`}, 0))`)

      // One row, however many contents were sent under the id.
      const asked = oneRow(Schema.Struct({
        outcome: Schema.NullOr(IngestOutcome),
        at: Schema.NullOr(Schema.Date),
        isTaken: Schema.Boolean
      }))
      const decided: IngestEventsRepo["Service"]["decided"] = (tenantId, { contentHash, eventId }) =>
        Effect.map(
          asked(sql`select same.outcome, same.decided_at as at, same.outcome is not null or exists(
              select from ingest_events where tenant_id = ${tenantId} and event_id = ${eventId} and state <> 'trying'
            ) as is_taken
            from (values (1)) as one left join ingest_events same on same.tenant_id = ${tenantId}
              and same.event_id = ${eventId} and same.content_hash = ${contentHash} and same.state <> 'trying'`),
          ({ at, isTaken, outcome }) => {
            if (outcome !== null && at !== null) return Option.some({ outcome, at })
            return isTaken ? Option.some("reused" as const) : Option.none()
          }
        )

      const written = oneRow(Schema.Struct({ at: Schema.Date }))
      const decide: IngestEventsRepo["Service"]["decide"] = Effect.fn("IngestEventsRepo.decide")(
        function*(tenantId, { contentHash, eventId, name, outcome }) {
          const state: IngestState = outcome._tag === "Accepted" ? "accepted" : "rejected"
          const { at } = yield* written(sql`
            insert into ingest_events (tenant_id, event_id, content_hash, state, name, outcome, decided_at)
            values (${tenantId}, ${eventId}, ${contentHash}, ${state}, ${name},
              ${json(encodeOutcome(outcome))}::jsonb, now())
            on conflict (tenant_id, event_id, content_hash) do update
              set state = excluded.state, name = excluded.name, outcome = excluded.outcome, decided_at = excluded.decided_at
            returning decided_at as at`)
          return { outcome, at }
        }
      )

      const counted = oneRow(Schema.Struct({ attempts: Schema.Int }))
      const failed: IngestEventsRepo["Service"]["failed"] = (tenantId, { contentHash, eventId }) =>
        Effect.map(
          counted(sql`insert into ingest_events (tenant_id, event_id, content_hash, state, attempts)
            values (${tenantId}, ${eventId}, ${contentHash}, 'trying', 1)
            on conflict (tenant_id, event_id, content_hash) do update set attempts = ingest_events.attempts + 1
            returning attempts`),
          (row) => row.attempts
        )

      const page = rows(RecordRow)
      const Position = Schema.Tuple([CursorInstant, CursorText, CursorText])
      const list: IngestEventsRepo["Service"]["list"] = Effect.fn("IngestEventsRepo.list")(
        function*(tenantId, { cursor, limit = 50, state }) {
          const after = decodeCursor(Position, cursor)
          if (Option.isNone(after)) return Option.none()
          const found = yield* page(sql`select event_id, content_hash, state, name, outcome, received_at, decided_at,
              decided_at::text as decided from ingest_events
            where tenant_id = ${tenantId} and ${
            state === undefined ? sql`state <> 'trying'` : sql`state = ${state} and state <> 'trying'`
          }
              ${
            after.value === undefined
              ? sql``
              : sql`and (decided_at, event_id, content_hash)
                < (${after.value[0]}::timestamptz, ${after.value[1]}, ${after.value[2]})`
          }
            order by decided_at desc, event_id desc, content_hash desc limit ${limit + 1}`)
          const shown = found.slice(0, limit)
          const last = shown.at(-1)
          return Option.some({
            items: shown.map(({ contentHash: _hash, decided: _text, ...record }) => record),
            ...(found.length > limit && last !== undefined && {
              next: encodeCursor(Position, [last.decided, last.eventId, last.contentHash])
            })
          })
        }
      )

      const gone = rows(Schema.Struct({ eventId: Schema.String }))
      const expire = Effect.map(
        gone(sql`delete from ingest_events where ctid = any(array(select ctid from ingest_events
          where received_at < now() - ${ingestRetention}::interval limit ${expiryPage})) returning event_id`),
        (found) => found.length
      )

      return IngestEventsRepo.of({ lock, decided, decide, failed, list, expire })
    })
  )
}
