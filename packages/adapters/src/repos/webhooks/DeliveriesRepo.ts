import { DeliveryId, type EventCursor, JobId, type PageCursor, type TenantId, WebhookId } from "@sheaf/domain/ids"
import { Delivery, DeliveryAttempt, type DeliveryState } from "@sheaf/domain/webhooks/Delivery"
import { Context, Duration, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { PageOptions } from "../datasets/DatasetsRepo.ts"
import { JobsRepo } from "../jobs/JobsRepo.ts"
import { CursorInstant, decodeCursor, encodeCursor } from "../pageCursor.ts"
import { done, expiryPage, json, maybeRow, rows } from "../rows.ts"

/** How long deliveries can be looked at after they are over. */
const retention = "30 days"

/** Attempts that are kept of a delivery. */
const attemptsKept = 10

/** Deliveries that are sent again by one call. */
const redelivered = 1_000

const Row = Schema.Struct({
  ...Delivery.fields,
  nextAt: Schema.NullOr(Schema.Date),
  createdAt: Schema.Date,
  finishedAt: Schema.NullOr(Schema.Date)
})

const Owed = Schema.Struct({
  id: DeliveryId,
  webhookId: WebhookId,
  url: Schema.String,
  isEnabled: Schema.Boolean,
  body: Schema.String,
  tries: Schema.Int,
  /** Until its next attempt. */
  waitMs: Schema.Int
})
/** A delivery that is not over, as it is sent. */
export type Owed = typeof Owed.Type

export interface NewDelivery {
  readonly id: DeliveryId
  readonly webhookId: WebhookId
  readonly kind: Delivery["kind"]
  readonly cursor: EventCursor | null
  /** What is sent, byte for byte. */
  readonly body: string
}

/** What has become of a delivery by an attempt. */
export type Outcome =
  | { readonly state: "delivered" | "failed" }
  | { readonly state: "pending"; readonly delay: Duration.Duration }

const encodeAttempt = Schema.encodeSync(DeliveryAttempt)

/** Events on their way to webhooks. Each is a row, and a job under the same id as long as it is not over. */
export class DeliveriesRepo extends Context.Service<DeliveriesRepo, {
  /**
   * Makes deliveries and the jobs that send them. One that is there already stays as it is, and none is made for a webhook that is disabled or
   * whose events begin later. Part of the caller's transaction.
   */
  readonly make: (tenantId: TenantId, deliveries: ReadonlyArray<NewDelivery>) => Effect.Effect<void>
  readonly find: (
    tenantId: TenantId,
    webhookId: WebhookId,
    deliveryId: DeliveryId
  ) => Effect.Effect<Option.Option<Delivery>>
  /** Newest first; `None` for a cursor that is not of this list. */
  readonly list: (
    tenantId: TenantId,
    options: PageOptions & { readonly webhookId: WebhookId; readonly state?: DeliveryState }
  ) => Effect.Effect<Option.Option<{ readonly items: ReadonlyArray<Delivery>; readonly next?: PageCursor }>>
  readonly owed: (tenantId: TenantId, deliveryId: DeliveryId) => Effect.Effect<Option.Option<Owed>>
  /** Within a fenced transaction. Answers for how long nothing got through to the webhook. */
  readonly settle: (
    tenantId: TenantId,
    delivery: Pick<Owed, "id" | "webhookId">,
    attempt: DeliveryAttempt,
    outcome: Outcome
  ) => Effect.Effect<Duration.Duration>
  /** Its webhook is disabled. Within a fenced transaction. */
  readonly skip: (tenantId: TenantId, deliveryId: DeliveryId) => Effect.Effect<void>
  /**
   * One delivery, whatever became of it, or else the latest that failed or were skipped: they are due now, from the first attempt on. Part of
   * the caller's transaction; answers how many.
   */
  readonly again: (tenantId: TenantId, webhookId: WebhookId, deliveryId?: DeliveryId) => Effect.Effect<number>
  /** Removes what is past its retention, a page of rows at a time. Less than a page is the last one. */
  readonly expire: Effect.Effect<number>
}>()("@sheaf/adapters/repos/webhooks/DeliveriesRepo") {
  static readonly layer = Layer.effect(
    DeliveriesRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const jobs = yield* JobsRepo
      const ids = rows(Schema.Struct({ id: DeliveryId }))

      const enqueue = (tenantId: TenantId, deliveries: ReadonlyArray<{ readonly id: DeliveryId }>) =>
        jobs.enqueue(
          tenantId,
          deliveries.map(({ id }) => ({
            id: JobId.make(id),
            lane: "interactive",
            job: { _tag: "Deliver", version: 1, deliveryId: id }
          }))
        )

      const make: DeliveriesRepo["Service"]["make"] = Effect.fn("DeliveriesRepo.make")(function*(tenantId, deliveries) {
        if (deliveries.length === 0) return
        const made = yield* ids(sql`insert into deliveries (tenant_id, id, webhook_id, kind, cursor, body, next_at)
          select ${tenantId}::uuid, x.id, x."webhookId", x.kind, x.cursor, x.body, now()
          from jsonb_to_recordset(${json(deliveries)}::jsonb)
            as x(id uuid, "webhookId" uuid, kind text, cursor bigint, body text)
          join webhooks w on w.tenant_id = ${tenantId}::uuid and w.id = x."webhookId" and w.state = 'enabled'
            and (x.cursor is null or x.cursor > w.after)
          on conflict (tenant_id, id) do nothing returning id`)
        yield* enqueue(tenantId, made)
      })

      const columns = sql`d.id, d.webhook_id, d.kind, d.cursor::text, d.state, d.attempts, d.tries, d.next_at,
        d.created_at, d.finished_at`
      const found = maybeRow(Row)
      const find: DeliveriesRepo["Service"]["find"] = (tenantId, webhookId, deliveryId) =>
        found(sql`select ${columns} from deliveries d
          where d.tenant_id = ${tenantId} and d.webhook_id = ${webhookId} and d.id = ${deliveryId}`)

      const listed = rows(Schema.Struct({ ...Row.fields, at: Schema.String }))
      const Position = Schema.Tuple([CursorInstant, DeliveryId])
      const list: DeliveriesRepo["Service"]["list"] = Effect.fn("DeliveriesRepo.list")(
        function*(tenantId, { cursor, limit = 50, state, webhookId }) {
          const after = decodeCursor(Position, cursor)
          if (Option.isNone(after)) return Option.none()
          const older = after.value === undefined
            ? sql``
            : sql`and (d.created_at, d.id) < (${after.value[0]}::timestamptz, ${after.value[1]}::uuid)`
          const many = yield* listed(sql`select ${columns}, d.created_at::text as at from deliveries d
            where d.tenant_id = ${tenantId} and d.webhook_id = ${webhookId} ${older}
              ${state === undefined ? sql`` : sql`and d.state = ${state}`}
            order by d.created_at desc, d.id desc limit ${limit + 1}`)
          const shown = many.slice(0, limit)
          const last = shown.at(-1)
          return Option.some({
            items: shown.map(({ at: _at, ...delivery }) => delivery),
            ...(many.length > limit && last !== undefined && { next: encodeCursor(Position, [last.at, last.id]) })
          })
        }
      )

      const one = maybeRow(Owed)
      const owed: DeliveriesRepo["Service"]["owed"] = (tenantId, deliveryId) =>
        one(sql`select d.id, d.webhook_id, w.url, w.state = 'enabled' as is_enabled, d.body, d.tries,
            ceil(greatest(0, extract(epoch from d.next_at - now()) * 1000))::int as wait_ms
          from deliveries d join webhooks w on w.tenant_id = d.tenant_id and w.id = d.webhook_id
          where d.tenant_id = ${tenantId} and d.id = ${deliveryId} and d.state = 'pending'`)

      // The webhook before its deliveries, as whoever deletes it takes them.
      const failing = maybeRow(Schema.Struct({ failingMs: Schema.Finite }))
      const settle: DeliveriesRepo["Service"]["settle"] = Effect.fn("DeliveriesRepo.settle")(
        function*(tenantId, { id, webhookId }, attempt, outcome) {
          const got = outcome.state === "delivered"
          const [was] = yield* Effect.map(
            failing(sql`update webhooks set failing_since = ${got ? sql`null` : sql`coalesce(failing_since, now())`}
              where tenant_id = ${tenantId} and id = ${webhookId} ${got ? sql`and failing_since is not null` : sql``}
              returning coalesce(extract(epoch from now() - failing_since) * 1000, 0)::float8 as failing_ms`),
            Option.toArray
          )
          const isPending = outcome.state === "pending"
          const next = isPending
            ? sql`now() + make_interval(secs => ${Duration.toSeconds(outcome.delay)})`
            : sql`null`
          yield* done(sql`update deliveries set state = ${outcome.state}, tries = tries + 1, next_at = ${next},
              finished_at = ${isPending ? sql`null` : sql`now()`},
              attempts = (select jsonb_agg(one order by place) from (
                select one, place from jsonb_array_elements(attempts || ${json([encodeAttempt(attempt)])}::jsonb)
                  with ordinality as all_of(one, place) order by place desc limit ${attemptsKept}) latest)
            where tenant_id = ${tenantId} and id = ${id}`)
          return Duration.millis(was?.failingMs ?? 0)
        }
      )

      const again: DeliveriesRepo["Service"]["again"] = Effect.fn("DeliveriesRepo.again")(
        function*(tenantId, webhookId, deliveryId) {
          // The job first, as whoever works on it does. One that is held is being sent already.
          if (deliveryId !== undefined) {
            yield* done(sql`update jobs set not_before = now(), epoch = epoch + 1
              where tenant_id = ${tenantId} and id = ${deliveryId} and stage = 'Deliver' and state = 'ready'`)
          }
          const which = deliveryId === undefined
            ? sql`id = any(array(select id from deliveries
                where tenant_id = ${tenantId} and webhook_id = ${webhookId} and state in ('failed', 'skipped')
                order by created_at desc limit ${redelivered}))`
            : sql`id = ${deliveryId}`
          const due = yield* ids(sql`update deliveries
            set state = 'pending', tries = 0, next_at = now(), finished_at = null
            where tenant_id = ${tenantId} and webhook_id = ${webhookId} and ${which} returning id`)
          yield* enqueue(tenantId, due)
          return due.length
        }
      )

      const expire = Effect.map(
        ids(sql`delete from deliveries where ctid = any(array(select ctid from deliveries
          where finished_at < now() - ${retention}::interval limit ${expiryPage})) returning id`),
        (gone) => gone.length
      )

      return DeliveriesRepo.of({
        make,
        find,
        list,
        owed,
        settle,
        skip: (tenantId, id) =>
          done(sql`update deliveries set state = 'skipped', next_at = null, finished_at = now()
            where tenant_id = ${tenantId} and id = ${id} and state = 'pending'`),
        again,
        expire
      })
    })
  )
}
