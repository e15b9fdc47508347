import {
  type LimitChanges,
  OwnLimits,
  type QuotaName,
  quotaNames,
  type TenantLimits,
  TenantUsage
} from "@sheaf/domain/admin/Limits"
import type { Allowance } from "@sheaf/domain/admin/LimitsRpcs"
import { QuotaExceeded } from "@sheaf/domain/edge/errors"
import type { TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { LimitDefaults } from "../../limits/defaults.ts"
import { json, maybeRow, oneRow } from "../rows.ts"

/** More of what a tenant has. */
export type Addition = { readonly [Name in QuotaName]?: number }

/**
 * What tenants may have and what they have. What they have is nowhere kept: it is the sum of the counters of their datasets, which are exact,
 * so that it can never differ from them.
 */
export class QuotasRepo extends Context.Service<QuotasRepo, {
  /**
   * Lets a tenant have more, or fails and names the limit. Part of the transaction that adds, which must also count it: nobody else of
   * the tenant adds anything between this and its end. Takes the last of all locks, and none where nothing is limited. `known`: what an
   * operator has set, for whoever has read it already.
   */
  readonly claim: (tenantId: TenantId, more: Addition, known?: OwnLimits) => Effect.Effect<void, QuotaExceeded>
  /** Whether there would be room now; it may be gone a moment later. For saying no before bytes are sent or work is done. */
  readonly foresee: (tenantId: TenantId, more: Addition) => Effect.Effect<void, QuotaExceeded>
  /** `None`: there is no such tenant. */
  readonly allowance: (tenantId: TenantId) => Effect.Effect<Option.Option<Allowance>>
  /** `false`: there is no such tenant. */
  readonly setLimits: (tenantId: TenantId, changes: LimitChanges) => Effect.Effect<boolean>
}>()("@sheaf/adapters/repos/access/QuotasRepo") {
  static readonly layer = Layer.effect(
    QuotasRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const defaults = yield* LimitDefaults
      const effective = (own: OwnLimits): TenantLimits => ({ ...defaults, ...own })

      const limitsRow = maybeRow(Schema.Struct({ limits: OwnLimits }))
      const limitsOf = (tenantId: TenantId) => limitsRow(sql`select limits from tenants where id = ${tenantId}`)

      /** A counter of zero is where a dataset has had nothing yet; one on its way out counts no more. */
      const counted = oneRow(TenantUsage)
      const usage = (tenantId: TenantId) =>
        counted(sql`select count(*)::int as datasets, coalesce(sum(x.documents), 0)::int as documents,
            coalesce(sum(x.bytes), 0)::float8 as bytes, coalesce(sum(x.segments), 0)::int as segments
          from datasets ds left join lateral (
            select sum(documents) as documents, sum(bytes) as bytes, sum(segments) as segments from (
              select documents, bytes, segments from dataset_counters
                where tenant_id = ds.tenant_id and dataset_id = ds.id
              union all select documents, bytes, segments from dataset_counter_deltas
                where tenant_id = ds.tenant_id and dataset_id = ds.id) counts
          ) x on true where ds.tenant_id = ${tenantId} and not ds.deleting`)

      /** The limits that `more` could meet. */
      const concerning = (limits: TenantLimits, more: Addition) =>
        quotaNames.flatMap((quota) => {
          const limit = limits[quota]
          const wanted = more[quota] ?? 0
          return wanted > 0 && limit !== "unlimited" ? [{ quota, limit, wanted }] : []
        })

      const check = (held: TenantUsage, concerned: ReturnType<typeof concerning>) =>
        Effect.suspend(() => {
          const over = concerned.find(({ limit, quota, wanted }) => held[quota] + wanted > limit)
          return over === undefined ? Effect.void : new QuotaExceeded({ quota: over.quota, limit: over.limit })
        })

      const foresee: QuotasRepo["Service"]["foresee"] = Effect.fn("QuotasRepo.foresee")(function*(tenantId, more) {
        const own = yield* limitsOf(tenantId)
        if (Option.isNone(own)) return
        const concerned = concerning(effective(own.value.limits), more)
        if (concerned.length > 0) yield* check(yield* usage(tenantId), concerned)
      })

      const claim: QuotasRepo["Service"]["claim"] = Effect.fn("QuotasRepo.claim")(function*(tenantId, more, known) {
        const own = known === undefined ? yield* limitsOf(tenantId) : Option.some({ limits: known })
        if (Option.isNone(own) || concerning(effective(own.value.limits), more).length === 0) return
        // The next statement sees what those have added who had the lock before. Rows that refer to the tenant can be made meanwhile.
        const held = yield* limitsRow(sql`select limits from tenants where id = ${tenantId} for no key update`)
        if (Option.isNone(held)) return
        yield* check(yield* usage(tenantId), concerning(effective(held.value.limits), more))
      })

      const allowance: QuotasRepo["Service"]["allowance"] = Effect.fn("QuotasRepo.allowance")(function*(tenantId) {
        const own = yield* limitsOf(tenantId)
        if (Option.isNone(own)) return Option.none()
        return Option.some({ limits: effective(own.value.limits), usage: yield* usage(tenantId) })
      })

      const setLimits: QuotasRepo["Service"]["setLimits"] = (tenantId, changes) =>
        Effect.map(
          limitsRow(sql`update tenants set limits = jsonb_strip_nulls(limits || ${json(changes)}::jsonb)
            where id = ${tenantId} returning limits`),
          Option.isSome
        )

      return QuotasRepo.of({ claim, foresee, allowance, setLimits })
    })
  )
}
