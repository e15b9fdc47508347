import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { type Bucket, full, take } from "./tokenBucket.ts"

const PerMinute = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_000 }))
const Pauses = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30_000 }))).check(
  Schema.isMaxLength(200)
)

describe("tokenBucket", () => {
  it.effect.prop(
    "lets in no more than a minute's worth at once and what has filled since, in whatever window",
    { perMinute: PerMinute, pauses: Pauses },
    ({ pauses, perMinute }) =>
      Effect.sync(() => {
        let nowMs = 1_000
        let bucket: Bucket = full(perMinute, nowMs)
        const admitted: Array<number> = []
        for (const pause of pauses) {
          nowMs += pause
          const taken = take(bucket, perMinute, nowMs)
          bucket = taken.bucket
          if (taken.retryAfterMs === 0) admitted.push(nowMs)
        }
        admitted.forEach((from, first) =>
          admitted.slice(first).forEach((until, index) => {
            const allowed = perMinute + (until - from) * perMinute / 60_000
            assert.isAtMost(index + 1, Math.floor(allowed + 1e-6))
          })
        )
      })
  )

  it.effect.prop(
    "lets in whoever waits as long as it was told, and says so no sooner than it must",
    { perMinute: PerMinute, pauses: Pauses },
    ({ pauses, perMinute }) =>
      Effect.sync(() => {
        let nowMs = 0
        let bucket: Bucket = full(perMinute, nowMs)
        for (let index = 0; index < perMinute; index++) bucket = take(bucket, perMinute, nowMs).bucket
        for (const pause of pauses) {
          nowMs += pause
          const taken = take(bucket, perMinute, nowMs)
          bucket = taken.bucket
          if (taken.retryAfterMs === 0) continue
          // Nobody else takes: the wait is enough, and a millisecond less is not.
          assert.strictEqual(take(bucket, perMinute, nowMs + taken.retryAfterMs).retryAfterMs, 0)
          assert.isAbove(take(bucket, perMinute, nowMs + taken.retryAfterMs - 1.000001).retryAfterMs, 0)
        }
      })
  )

  it("is filled by no clock that goes back, and never by a limit of nothing", () => {
    const empty: Bucket = { tokens: 0, atMs: 60_000 }
    assert.isAbove(take(empty, 60, 0).retryAfterMs, 0)
    assert.strictEqual(take(take(empty, 60, 0).bucket, 60, 61_000).retryAfterMs, 0)
    assert.strictEqual(take(full(0, 0), 0, 600_000).retryAfterMs, 60_000)
  })
})
