import { assert, it } from "@effect/vitest"
import * as fc from "fast-check"
import { intervals, numberKey, textKeys } from "./order.ts"

const isWithin = (key: number, all: ReadonlyArray<readonly [number, number]>) =>
  all.some(([from, to]) => key >= from && key <= to)

it("keeps numbers in their order, in whole numbers that are exact everywhere", () => {
  const numbers = fc.double({ noNaN: true, noDefaultInfinity: true })
  fc.assert(fc.property(numbers, numbers, (a, b) => {
    const [x, y] = [numberKey("price", a), numberKey("price", b)]
    assert.isTrue(Number.isSafeInteger(x) && x >= 0)
    if (a <= b) assert.isAtMost(x, y)
    assert.strictEqual(isWithin(x, intervals("price", "above", b)) || a < b, true)
    assert.strictEqual(isWithin(x, intervals("price", "below", b)) || a > b, true)
  }))
  // Far enough apart to be told apart: whole numbers below 2^28, and moments in milliseconds ten seconds from each other.
  for (
    const [a, b] of [[2 ** 28 - 2, 2 ** 28 - 1], [1_767_225_600_000, 1_767_225_610_000], [-2, -1], [
      0,
      5e-324 * 2 ** 30
    ]]
  ) {
    assert.isBelow(numberKey("price", a!), numberKey("price", b!))
  }
  assert.strictEqual(numberKey("price", -0), numberKey("price", 0))
})

it("keeps texts in their order by code point, as far as their first 30 bytes tell", () => {
  const texts = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 12 }),
    fc.array(fc.constantFrom("a", "b", "é", "中", "\u{10000}", "\uffee"), { maxLength: 40 }).map((all) => all.join("")),
    fc.constantFrom("", "aaaaa", "aaaaaa", "aaaaaaaaaa", "a\u0001")
  )
  const order = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      const keys = textKeys("name", a)
      const isFound = (side: "above" | "below") => keys.some((key) => isWithin(key, intervals("name", side, b)))
      if (order(a, b) >= 0) assert.isTrue(isFound("above"))
      if (order(a, b) <= 0) assert.isTrue(isFound("below"))
    }),
    { numRuns: 2_000 }
  )
  // Moments differ late, and that is what texts are compared for.
  const day = (date: string) => textKeys("day", `2026-${date}T10:00:00.000Z`)
  const since = intervals("day", "above", "2026-03-15")
  const until = intervals("day", "below", "2026-03-15T10:00:00.000Z")
  for (
    const [date, isAbove, isBelow] of [["03-14", false, true], ["03-15", true, true], ["03-16", true, false]] as const
  ) {
    assert.deepStrictEqual(
      [since, until].map((all) => day(date).some((key) => isWithin(key, all))),
      [isAbove, isBelow]
    )
  }
})
