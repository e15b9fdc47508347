import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import * as fc from "fast-check"
import { retryAfter } from "./retryAfter.ts"

const now = 1_795_000_000_000
const dateAt = (ms: number) => DateTime.toDateUtc(DateTime.makeUnsafe(ms)).toUTCString()

describe("retryAfter", () => {
  it("reads seconds, dates and OpenAI's milliseconds", () => {
    assert.strictEqual(retryAfter({ "retry-after": "120" }, now), 120_000)
    assert.strictEqual(retryAfter({ "retry-after": " 0 " }, now), 0)
    assert.strictEqual(retryAfter({ "retry-after": "1.5" }, now), 1_500)
    assert.strictEqual(retryAfter({ "retry-after": dateAt(now + 7_000) }, now), 7_000)
    assert.strictEqual(retryAfter({ "retry-after": dateAt(now - 7_000) }, now), 0)
    assert.strictEqual(retryAfter({ "retry-after-ms": "250", "retry-after": "9" }, now), 250)
  })

  it("makes nothing of what it does not understand", () => {
    for (
      const value of ["", "soon", "-1", "1e9", "0x10", "NaN", "2026-11-22", "Sun, 31 Foo 2026 00:00:00 GMT", "１２"]
    ) {
      assert.isUndefined(retryAfter({ "retry-after": value }, now), value)
    }
    assert.isUndefined(retryAfter({}, now))
  })

  it("is never negative, never endless, and a whole number", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.double({ min: 0 }).map(String), fc.date().map(String)), (value) => {
      const wait = retryAfter({ "retry-after": value }, now)
      if (wait === undefined) return
      assert.isTrue(Number.isInteger(wait))
      assert.isAtLeast(wait, 0)
      assert.isAtMost(wait, 600_000)
    }))
  })
})
