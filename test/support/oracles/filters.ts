import type { Metadata } from "@sheaf/domain/documents/Metadata"
import type { Condition, Filter } from "@sheaf/domain/search/Filter"
import * as fc from "fast-check"

// Few fields and values, so that filters often meet what is there.

const field = fc.constantFrom("a", "b", "c.d-e")
const text = fc.constantFrom("", "a", "A", "ab", "b", "ä", "\u{10000}", "\uffee", "1", "true")
const number = fc.constantFrom(0, 1, -1, 1.5, 0.1, 1e21, -3e-7, Number.MAX_SAFE_INTEGER)
const scalar = fc.oneof(text, number, fc.boolean())

export const anyMetadata: fc.Arbitrary<Metadata> = fc.dictionary(
  field,
  fc.oneof(scalar, fc.array(text, { maxLength: 3 })),
  { maxKeys: 3, noNullPrototype: true }
)

const bound = fc.oneof(text, number)

const range: fc.Arbitrary<Condition> = fc.tuple(
  field,
  fc.record({ gt: bound, gte: bound, lt: bound, lte: bound }, { requiredKeys: [] })
    .filter((bounds) => Object.keys(bounds).length > 0)
).map(([field, bounds]) => Object.assign({ field }, bounds))

const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ field, eq: scalar }),
  fc.record({ field, in: fc.array(scalar, { minLength: 1, maxLength: 4 }) }),
  range,
  fc.record({ field, contains: scalar }),
  fc.record({ field, exists: fc.boolean() })
)

export const anyFilter: fc.Arbitrary<Filter> = fc.letrec<{ tree: Filter }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    condition,
    fc.record({ and: fc.array(tie("tree"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ or: fc.array(tie("tree"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie("tree") })
  )
})).tree
