import type { Filter } from "@sheaf/domain/search/Filter"
import { assert, it } from "@effect/vitest"
import * as fc from "fast-check"
import { matches } from "../../../../../../test/support/oracles/filterOracle.ts"
import { anyFilter, anyMetadata } from "../../../../../../test/support/oracles/filters.ts"
import { factsOf } from "../fields/facts.ts"
import { choose } from "./filterText.ts"
import { holds } from "./holds.ts"

/** All that may ever be sent: names of our own fields, hashes, whole numbers. */
const closed =
  /^(?:[() ]|&&|\|\||facts:!?=\[[0-9a-f]{24}(?:,[0-9a-f]{24})*\]|ranks:\[-?\d+\.\.-?\d+(?:,\d+\.\.\d+)*\])+$/

const hostile = fc.oneof(
  fc.constantFrom(
    "`",
    "x` || tenant:=`y",
    ") || (tenant:!=z",
    "] && facts:=[",
    "a,b",
    "*",
    "a*",
    "&&",
    "\\`",
    "\n||id:*",
    "[a..b]",
    "\0",
    "\ud800"
  ),
  fc.string({ unit: "binary" })
)

it("sends nothing of what a caller writes", () => {
  const condition = fc.oneof(
    fc.record({ field: hostile, eq: hostile }),
    fc.record({ field: hostile, in: fc.array(hostile, { minLength: 1, maxLength: 4 }) }),
    fc.record({ field: hostile, contains: hostile }),
    fc.record({ field: hostile, gte: hostile, lt: hostile }),
    fc.record({ field: hostile, exists: fc.boolean() })
  )
  const filter: fc.Arbitrary<Filter> = fc.oneof(
    condition,
    fc.record({ and: fc.array(condition, { minLength: 1 }) }),
    fc.record({ not: fc.record({ or: fc.array(condition, { minLength: 1 }) }) })
  )
  fc.assert(fc.property(filter, (one) => assert.match(choose(one).text ?? "()", closed)))
})

// The engine's part, said once more: what a filter text lets through of some facts.
const passes = (text: string | undefined, { facts, ranks }: ReturnType<typeof factsOf>): boolean => {
  if (text === undefined) return true
  const expression = text
    .replace(
      /facts:(!?)=\[([^\]]*)\]/g,
      (_, not: string, list: string) => String(list.split(",").some((fact) => facts.includes(fact)) !== (not === "!"))
    )
    .replace(/ranks:\[([^\]]*)\]/g, (_, list: string) =>
      String(
        list.split(",").some((interval) => {
          const [from, to] = interval.split("..").map(Number)
          return ranks.some((rank) => rank >= from! && rank <= to!)
        })
      ))
  return evaluate(expression)
}

/** `true`, `false`, `&&`, `||` and parentheses: every group holds one operator only. */
const evaluate = (expression: string): boolean => {
  let text = expression
  for (;;) {
    const inner = /\(([^()]*)\)/.exec(text)
    if (inner === null) return flat(text)
    text = text.replace(inner[0], String(flat(inner[1]!)))
  }
}
const flat = (text: string): boolean => {
  const parts = text.split(/&&|\|\|/).map((part) => part.trim() === "true")
  return text.includes("||") ? parts.some(Boolean) : parts.every(Boolean)
}

it("lets through all that the filter wants, and no more where it says so", () => {
  fc.assert(
    fc.property(anyMetadata, anyFilter, (metadata, filter) => {
      const { isExact, text } = choose(filter)
      const wanted = matches(filter, metadata)
      const passed = passes(text, factsOf(metadata))
      if (wanted || isExact) assert.strictEqual(passed, wanted, text)
      assert.strictEqual(holds(filter, metadata), wanted)
    }),
    { numRuns: 2_000 }
  )
})

it("asks for less where a filter has more conditions than the engine takes", () => {
  const many = Array.from({ length: 64 }, (_, i): Filter => ({ field: "a", gt: i }))
  const clauses = (filter: Filter) => (choose(filter).text?.match(/facts|ranks/g) ?? []).length
  assert.strictEqual(clauses({ and: many }), 40)
  assert.isFalse(choose({ and: many }).isExact)
  assert.strictEqual(clauses({ or: many }), 0)
  // What one list can say counts once.
  const equal = Array.from({ length: 64 }, (_, i): Filter => ({ field: "a", eq: i }))
  assert.strictEqual(clauses({ or: equal }), 1)
  assert.strictEqual(clauses({ not: { or: equal } }), 1)
  assert.isTrue(choose({ or: equal }).isExact)
})
