import type { Caller } from "@sheaf/domain/edge/Caller"
import { type DatasetId, EventCursor, TenantId } from "@sheaf/domain/ids"
import type { Event } from "@sheaf/domain/events/Event"
import { EventBody } from "@sheaf/domain/events/Event"
import { CursorExpired } from "@sheaf/domain/events/EventsRpcs"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Signals } from "../../signals/Signals.ts"
import { ownerOf } from "../datasets/DatasetsRepo.ts"
import { newId } from "../newId.ts"
import { done, expiryPage, json, maybeRow, oneRow, rows } from "../rows.ts"

const EventId = Schema.String.check(Schema.isUUID()).pipe(Schema.brand("EventId"))

const encodeBody = Schema.encodeSync(EventBody)

/** How long outcomes can be replayed. */
export const eventRetention = "30 days"

/**
 * The log that others read. An event is inserted without a number in the transaction that makes it true; `number` gives numbers to
 * committed events only, one process at a time, so a reader that goes on after a number can never skip an event whose transaction
 * was slower than its neighbour's.
 */
export class EventsRepo extends Context.Service<EventsRepo, {
  /** Part of the caller's transaction. `privateTo` is whom it is for, where no dataset says so. */
  readonly append: (tenantId: TenantId, body: EventBody, privateTo?: string) => Effect.Effect<void>
  /** Numbers what has been committed since; the caller holds the lease `events`. Answers how many. */
  readonly number: (limit: number) => Effect.Effect<number>
  /**
   * Numbered events after a cursor, oldest first, without those of datasets that were private to others when it happened or are now.
   * `next` is where to go on: past everything that was looked at, shown or not.
   */
  readonly after: (caller: Caller, options: {
    readonly cursor: EventCursor
    readonly datasetId: DatasetId | undefined
    readonly limit: number
  }) => Effect.Effect<{ readonly events: ReadonlyArray<Event>; readonly next: EventCursor }, CursorExpired>
  /** The cursor of the newest numbered event. */
  readonly newest: (tenantId: TenantId) => Effect.Effect<EventCursor>
  /** Removes events past their retention, the oldest of them first, a page at a time. Answers how many. */
  readonly expire: Effect.Effect<number>
}>()("@sheaf/adapters/repos/events/EventsRepo") {
  static readonly layer = Layer.effect(
    EventsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const signals = yield* Signals

      const append = Effect.fn("EventsRepo.append")(function*(tenantId: TenantId, body: EventBody, privateTo?: string) {
        const id = yield* newId(EventId)
        yield* done(sql`insert into events (tenant_id, id, dataset_id, document_id, body, private_to)
          values (${tenantId}, ${id}, ${body.datasetId}::uuid, ${"documentId" in body ? body.documentId : null}::uuid,
            ${json(encodeBody(body))}::jsonb, coalesce((select owner from datasets
              where tenant_id = ${tenantId} and id = ${body.datasetId}::uuid and permission = 'private'),
              ${privateTo ?? null}::text))`)
        yield* sql.afterCommit(signals.send({ _tag: "EventsWritten", tenantId }))
      })

      const numbered = rows(Schema.Struct({ tenantId: TenantId }))
      const number = Effect.fn("EventsRepo.number")(function*(limit: number) {
        const tenants = yield* numbered(sql`
          with fresh as (
            select tenant_id, id, row_number() over (partition by tenant_id order by created_at, id) as place
            from (select tenant_id, id, created_at from events where number is null
              order by tenant_id, created_at, id limit ${limit}) unnumbered
          ), heads as (
            insert into event_heads (tenant_id, newest, oldest)
            select tenant_id, max(place), 1 from fresh group by tenant_id
            on conflict (tenant_id) do update set newest = event_heads.newest + excluded.newest
            returning tenant_id, newest
          )
          update events set number = heads.newest - counts.total + fresh.place
          from fresh
          join heads on heads.tenant_id = fresh.tenant_id
          join (select tenant_id, count(*) as total from fresh group by tenant_id) counts on counts.tenant_id = fresh.tenant_id
          where events.tenant_id = fresh.tenant_id and events.id = fresh.id and events.number is null
          returning events.tenant_id`).pipe(sql.withTransaction, Effect.orDie)
        yield* Effect.forEach(
          new Set(tenants.map((row) => row.tenantId)),
          (tenantId) => signals.send({ _tag: "EventsNumbered", tenantId }),
          { discard: true }
        )
        return tenants.length
      })

      const heads = maybeRow(Schema.Struct({ newest: EventCursor, oldest: EventCursor }))
      const head = (tenantId: TenantId) =>
        Effect.map(
          heads(sql`select newest::text, oldest::text from event_heads where tenant_id = ${tenantId}`),
          Option.getOrElse(() => ({ newest: EventCursor.make("0"), oldest: EventCursor.make("1") }))
        )

      const eventRows = rows(Schema.Struct({ cursor: EventCursor, at: Schema.Date, body: EventBody }))
      const visible = (caller: Caller) => {
        const own = sql`e.dataset_id is null and e.private_to = ${ownerOf(caller)}`
        const ours = caller.datasetIds === null
          ? sql``
          : sql`and (e.dataset_id = any(${[...caller.datasetIds]}::uuid[]) or ${own})`
        if (caller.has("admin")) return ours
        return sql`${ours} and (e.private_to is null or e.private_to = ${ownerOf(caller)}) and not exists (
          select 1 from datasets ds where ds.tenant_id = e.tenant_id and ds.id = e.dataset_id
            and ds.permission = 'private' and ds.owner <> ${ownerOf(caller)})`
      }

      const after: EventsRepo["Service"]["after"] = Effect.fn("EventsRepo.after")(
        function*(caller, { cursor, datasetId, limit }) {
          const { newest, oldest } = yield* head(caller.tenantId)
          if (BigInt(cursor) + 1n < BigInt(oldest)) return yield* new CursorExpired({ newest, oldest })
          const events = yield* eventRows(sql`select e.number::text as cursor, e.created_at as at, e.body from events e
            where e.tenant_id = ${caller.tenantId} and e.number > ${cursor}::bigint ${visible(caller)}
              ${datasetId === undefined ? sql`` : sql`and e.dataset_id = ${datasetId}`}
            order by e.number limit ${limit}`)
          const last = events.at(-1)?.cursor ?? cursor
          // What was numbered before the head was read is all there: a page that is not full has seen it.
          return { events, next: events.length < limit && BigInt(newest) > BigInt(last) ? newest : last }
        }
      )

      const expired = oneRow(Schema.Struct({ gone: Schema.Int }))
      const expire = Effect.map(
        expired(sql`
          with gone as (
            delete from events where ctid = any(array(select ctid from events
              where number is not null and created_at < now() - ${eventRetention}::interval
              order by tenant_id, number limit ${expiryPage}))
            returning tenant_id, number
          ), ends as (
            select tenant_id, max(number) as last from gone group by tenant_id
          ), moved as (
            update event_heads set oldest = ends.last + 1 from ends where event_heads.tenant_id = ends.tenant_id
          )
          select count(*)::int as gone from gone`),
        (row) => row.gone
      )

      return EventsRepo.of({
        append,
        number,
        after,
        newest: (tenantId) => Effect.map(head(tenantId), (h) => h.newest),
        expire
      })
    })
  )
}
