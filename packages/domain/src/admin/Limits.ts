import { Schema, Struct } from "effect"

/** A number, or none at all. */
const Limit = Schema.Union([
  Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  Schema.Literal("unlimited")
])
export type Limit = typeof Limit.Type

const change = Schema.optionalKey(Schema.NullOr(Limit))

/** What a tenant may hold at the same time. What is deleted counts no more from that moment on. */
export const quotaNames = ["datasets", "documents", "bytes", "segments"] as const
export type QuotaName = (typeof quotaNames)[number]

/** How often a minute a tenant may call. */
export const rateNames = ["uploadsPerMinute", "mutationsPerMinute", "searchesPerMinute"] as const
export type RateName = (typeof rateNames)[number]

/** The limits that hold for a tenant. `bytes` are those of the originals. */
export const TenantLimits = Schema.Struct({
  datasets: Limit,
  documents: Limit,
  bytes: Limit,
  segments: Limit,
  uploadsPerMinute: Limit,
  mutationsPerMinute: Limit,
  searchesPerMinute: Limit
})
export type TenantLimits = typeof TenantLimits.Type

/** What an operator has set for a tenant, and nothing else. */
export const OwnLimits = TenantLimits.mapFields(Struct.map(Schema.optionalKey))
export type OwnLimits = typeof OwnLimits.Type

/** A change of them: what is left out stays as it is, `null` goes back to what the installation says. */
export const LimitChanges = Schema.Struct({
  datasets: change,
  documents: change,
  bytes: change,
  segments: change,
  uploadsPerMinute: change,
  mutationsPerMinute: change,
  searchesPerMinute: change
})
export type LimitChanges = typeof LimitChanges.Type

/** No limit anywhere: what an installation has that says nothing else. */
export const unlimited: TenantLimits = {
  datasets: "unlimited",
  documents: "unlimited",
  bytes: "unlimited",
  segments: "unlimited",
  uploadsPerMinute: "unlimited",
  mutationsPerMinute: "unlimited",
  searchesPerMinute: "unlimited"
}

/** What a tenant has of everything that is limited. */
export const TenantUsage = Schema.Struct({
  datasets: Schema.Int,
  documents: Schema.Int,
  bytes: Schema.Finite,
  segments: Schema.Int
})
export type TenantUsage = typeof TenantUsage.Type
