import { DatasetId, EventCursor, TenantId, WebhookId } from "@sheaf/domain/ids"
import { EventKind } from "@sheaf/domain/notifications/kinds"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { maybeRow, rows } from "../rows.ts"

/** A tenant with events that nobody has looked at for those who are told of them. */
export interface Unfollowed {
  readonly tenantId: TenantId
  readonly followed: EventCursor
}

const Listener = Schema.Struct({
  id: WebhookId,
  kinds: Schema.NullOr(Schema.Array(EventKind)),
  datasetIds: Schema.NullOr(Schema.Array(DatasetId))
})
/** A webhook that is enabled. */
export type Listener = typeof Listener.Type

/** How far the events of each tenant were looked through for those who are told of them, and who that is. */
export class FollowedEventsRepo extends Context.Service<FollowedEventsRepo, {
  readonly owed: (limit: number) => Effect.Effect<ReadonlyArray<Unfollowed>>
  readonly listeners: (tenantId: TenantId) => Effect.Effect<ReadonlyArray<Listener>>
  /** Moves on from where the caller began; `false` when another has moved it since. */
  readonly advance: (tenantId: TenantId, from: EventCursor, to: EventCursor) => Effect.Effect<boolean>
}>()("@sheaf/adapters/repos/webhooks/FollowedEventsRepo") {
  static readonly layer = Layer.effect(
    FollowedEventsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const found = rows(Schema.Struct({ tenantId: TenantId, followed: EventCursor }))
      const listening = rows(Listener)
      const moved = maybeRow(Schema.Struct({ tenantId: TenantId }))
      return FollowedEventsRepo.of({
        owed: (limit) =>
          found(sql`select h.tenant_id, coalesce(f.followed, 0)::text as followed from event_heads h
            left join followed_events f on f.tenant_id = h.tenant_id
            where h.newest > coalesce(f.followed, 0) order by h.tenant_id limit ${limit}`),
        listeners: (tenantId) =>
          listening(sql`select id, kinds, dataset_ids from webhooks
            where tenant_id = ${tenantId} and state = 'enabled'`),
        advance: (tenantId, from, to) =>
          Effect.map(
            moved(sql`insert into followed_events (tenant_id, followed) values (${tenantId}, ${to}::bigint)
              on conflict (tenant_id) do update set followed = excluded.followed
                where followed_events.followed = ${from}::bigint
              returning tenant_id`),
            Option.isSome
          )
      })
    })
  )
}
