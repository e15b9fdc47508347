import { EventCursor, TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { maybeRow, rows } from "../rows.ts"

/** A tenant with events that were numbered and not yet published. */
export interface Owed {
  readonly tenantId: TenantId
  readonly published: EventCursor
}

/** How far the log of each tenant was published to others. */
export class PublicationsRepo extends Context.Service<PublicationsRepo, {
  readonly owed: (limit: number) => Effect.Effect<ReadonlyArray<Owed>>
  /** Moves on from where the caller began; `false` when another has moved it since. */
  readonly advance: (tenantId: TenantId, from: EventCursor, to: EventCursor) => Effect.Effect<boolean>
}>()("@sheaf/adapters/repos/events/PublicationsRepo") {
  static readonly layer = Layer.effect(
    PublicationsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const found = rows(Schema.Struct({ tenantId: TenantId, published: EventCursor }))
      const owed: PublicationsRepo["Service"]["owed"] = (limit) =>
        found(sql`select h.tenant_id, coalesce(p.published, 0)::text as published from event_heads h
          left join event_publications p on p.tenant_id = h.tenant_id
          where h.newest > coalesce(p.published, 0) order by h.tenant_id limit ${limit}`)

      const moved = maybeRow(Schema.Struct({ tenantId: TenantId }))
      const advance: PublicationsRepo["Service"]["advance"] = (tenantId, from, to) =>
        Effect.map(
          moved(sql`insert into event_publications (tenant_id, published) values (${tenantId}, ${to}::bigint)
            on conflict (tenant_id) do update set published = excluded.published
              where event_publications.published = ${from}::bigint
            returning tenant_id`),
          Option.isSome
        )
      return PublicationsRepo.of({ owed, advance })
    })
  )
}
