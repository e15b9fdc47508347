import { Actor, type Caller } from "@sheaf/domain/edge/Caller"
import { DatasetId, EventCursor, type PageCursor, SubscriptionId, type TenantId } from "@sheaf/domain/ids"
import { EventKind } from "@sheaf/domain/notifications/kinds"
import { Subscription } from "@sheaf/domain/notifications/Subscription"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { PageOptions } from "../datasets/DatasetsRepo.ts"
import { newId } from "../newId.ts"
import { CursorInstant, decodeCursor, encodeCursor } from "../pageCursor.ts"
import { done, json, maybeRow, oneRow, rows } from "../rows.ts"

const Row = Schema.Struct({ ...Subscription.fields, createdAt: Schema.Date })

const Reader = Schema.Struct({
  address: Schema.String,
  kinds: Schema.NullOr(Schema.Array(EventKind)),
  datasetIds: Schema.NullOr(Schema.Array(DatasetId)),
  after: EventCursor
})
/** Somebody who is mailed of what happens after a place in the log. */
export type Reader = typeof Reader.Type

const encodeActor = Schema.encodeSync(Actor)

/** Who is mailed of what happens in a tenant. */
export class SubscriptionsRepo extends Context.Service<SubscriptionsRepo, {
  readonly list: (tenantId: TenantId, options: PageOptions) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<Subscription>; readonly next?: PageCursor }>
  >
  /** How many there are, with nobody making another one until the end of the caller's transaction. */
  readonly count: (tenantId: TenantId) => Effect.Effect<number>
  /** To what is numbered from now on. Part of the caller's transaction. */
  readonly insert: (
    caller: Caller,
    wish: Pick<Subscription, "address" | "kinds" | "datasetIds">
  ) => Effect.Effect<Subscription>
  /** `false` when there is none. */
  readonly remove: (tenantId: TenantId, id: SubscriptionId) => Effect.Effect<boolean>
  readonly readers: (tenantId: TenantId) => Effect.Effect<ReadonlyArray<Reader>>
}>()("@sheaf/adapters/repos/notifications/SubscriptionsRepo") {
  static readonly layer = Layer.effect(
    SubscriptionsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const columns = sql`s.id, s.address, s.kinds, s.dataset_ids, s.created_by, s.created_at`

      const listed = rows(Schema.Struct({ ...Row.fields, at: Schema.String }))
      const Position = Schema.Tuple([CursorInstant, SubscriptionId])
      const list: SubscriptionsRepo["Service"]["list"] = Effect.fn("SubscriptionsRepo.list")(
        function*(tenantId, { cursor, limit = 50 }) {
          const after = decodeCursor(Position, cursor)
          if (Option.isNone(after)) return Option.none()
          const older = after.value === undefined
            ? sql``
            : sql`and (s.created_at, s.id) < (${after.value[0]}::timestamptz, ${after.value[1]}::uuid)`
          const many = yield* listed(sql`select ${columns}, s.created_at::text as at from mail_subscriptions s
            where s.tenant_id = ${tenantId} ${older} order by s.created_at desc, s.id desc limit ${limit + 1}`)
          const shown = many.slice(0, limit)
          const last = shown.at(-1)
          return Option.some({
            items: shown.map(({ at: _at, ...row }) => new Subscription(row)),
            ...(many.length > limit && last !== undefined && { next: encodeCursor(Position, [last.at, last.id]) })
          })
        }
      )

      const counted = oneRow(Schema.Struct({ subscriptions: Schema.Int }))
      const made = oneRow(Row)
      const gone = maybeRow(Schema.Struct({ id: SubscriptionId }))
      const reading = rows(Reader)
      return SubscriptionsRepo.of({
        list,
        count: Effect.fn("SubscriptionsRepo.count")(function*(tenantId) {
          yield* done(sql`select 1 from tenants where id = ${tenantId} for no key update`)
          const { subscriptions } = yield* counted(sql`select count(*)::int as subscriptions from mail_subscriptions
            where tenant_id = ${tenantId}`)
          return subscriptions
        }),
        insert: Effect.fn("SubscriptionsRepo.insert")(function*({ actor, tenantId }, { address, datasetIds, kinds }) {
          const id = yield* newId(SubscriptionId)
          const row = yield* made(sql`insert into mail_subscriptions as s
              (tenant_id, id, address, kinds, dataset_ids, after, created_by)
            values (${tenantId}, ${id}, ${address}, ${kinds === null ? null : [...kinds]}::text[],
              ${datasetIds === null ? null : [...datasetIds]}::uuid[],
              coalesce((select newest from event_heads where tenant_id = ${tenantId}), 0),
              ${json(encodeActor(actor))}::jsonb) returning ${columns}`)
          return new Subscription(row)
        }),
        remove: (tenantId, id) =>
          Effect.map(
            gone(sql`delete from mail_subscriptions where tenant_id = ${tenantId} and id = ${id} returning id`),
            Option.isSome
          ),
        readers: (tenantId) =>
          reading(sql`select address, kinds, dataset_ids, after::text from mail_subscriptions
            where tenant_id = ${tenantId}`)
      })
    })
  )
}
