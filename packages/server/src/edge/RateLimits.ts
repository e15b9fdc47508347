import { LimitDefaults } from "@sheaf/adapters/limits/defaults"
import { type Bucket, full, take } from "@sheaf/adapters/limits/tokenBucket"
import type { OwnLimits, RateName } from "@sheaf/domain/admin/Limits"
import { RateLimited } from "@sheaf/domain/edge/errors"
import type { TenantId } from "@sheaf/domain/ids"
import { Clock, Context, Effect, Layer } from "effect"

/** Tenants that have not called for so long are full again, and forgotten. */
const idleMs = 60_000

/**
 * How often each tenant may call this process. The buckets are this process's own: asking a database would cost every call a round trip,
 * and several processes behind one address let in as many times the limit as there are (`docs/decisions/limits.md`).
 */
export class RateLimits extends Context.Service<RateLimits, {
  /** Lets a call in, or says when it may come again. */
  readonly admit: (tenantId: TenantId, rate: RateName, own: OwnLimits) => Effect.Effect<void, RateLimited>
}>()("@sheaf/server/edge/RateLimits") {
  static readonly layer = Layer.effect(
    RateLimits,
    Effect.gen(function*() {
      const defaults = yield* LimitDefaults
      const buckets = new Map<string, Bucket>()
      let sweptMs = yield* Clock.currentTimeMillis

      const sweep = (nowMs: number) => {
        if (nowMs - sweptMs < idleMs) return
        sweptMs = nowMs
        for (const [name, { atMs }] of buckets) if (nowMs - atMs >= idleMs) buckets.delete(name)
      }

      const admit: RateLimits["Service"]["admit"] = (tenantId, rate, own) => {
        const limit = own[rate] ?? defaults[rate]
        if (limit === "unlimited") return Effect.void
        return Effect.flatMap(Clock.currentTimeMillis, (nowMs) => {
          sweep(nowMs)
          const name = `${tenantId} ${rate}`
          const taken = take(buckets.get(name) ?? full(limit, nowMs), limit, nowMs)
          buckets.set(name, taken.bucket)
          const { retryAfterMs } = taken
          return retryAfterMs === 0 ? Effect.void : new RateLimited({ rate, limit, retryAfterMs })
        })
      }

      return RateLimits.of({ admit })
    })
  )
}
