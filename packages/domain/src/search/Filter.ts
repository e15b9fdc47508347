import { Schema } from "effect"
import { isStorable } from "../text.ts"

const scalar = Schema.Union([Schema.String.check(Schema.isMaxLength(2_000), isStorable), Schema.Finite, Schema.Boolean])
const ordered = Schema.Union([Schema.String.check(Schema.isMaxLength(2_000), isStorable), Schema.Finite])

/** A field of the document's metadata, or one of `$name`, `$mediaType`, `$documentId`, `$createdAt` (ISO 8601). */
const field = Schema.String.check(
  Schema.isPattern(/^(\$(name|mediaType|documentId|createdAt)|[A-Za-z_][A-Za-z0-9_.-]{0,63})$/, {
    expected: "the name of a field of metadata, or $name, $mediaType, $documentId or $createdAt"
  })
)

const condition = Schema.Union([
  Schema.Struct({ field, eq: scalar }),
  Schema.Struct({ field, in: Schema.Array(scalar).check(Schema.isBetweenLength(1, 1_000)) }),
  /** Ordered comparison: numbers with numbers, text with text by code point. Either end may be left out, not both. */
  Schema.Struct({
    field,
    gt: Schema.optionalKey(ordered),
    gte: Schema.optionalKey(ordered),
    lt: Schema.optionalKey(ordered),
    lte: Schema.optionalKey(ordered)
  }).check(Schema.isMinProperties(2, { expected: "a comparison: eq, in, gt, gte, lt, lte, contains or exists" })),
  /** A list has the value as one of its items. */
  Schema.Struct({ field, contains: scalar }),
  Schema.Struct({ field, exists: Schema.Boolean })
])
export type Condition = typeof condition.Type

/**
 * Which documents a search looks at: a typed tree, never text of a query language. A condition on a field that a document does
 * not have is false, and so its `not` is true. At most 64 conditions, 6 levels deep.
 */
export type Filter =
  | Condition
  | { readonly and: ReadonlyArray<Filter> }
  | { readonly or: ReadonlyArray<Filter> }
  | { readonly not: Filter }

const tree: Schema.Codec<Filter> = Schema.suspend(() => node)

const node: Schema.Codec<Filter> = Schema.Union([
  Schema.Struct({ and: Schema.Array(tree).check(Schema.isBetweenLength(1, 64)) }),
  Schema.Struct({ or: Schema.Array(tree).check(Schema.isBetweenLength(1, 64)) }),
  Schema.Struct({ not: tree }),
  condition
])

const conditions = (filter: Filter): number =>
  "and" in filter ? sum(filter.and) : "or" in filter ? sum(filter.or) : "not" in filter ? conditions(filter.not) : 1

const sum = (filters: ReadonlyArray<Filter>): number => filters.reduce((total, filter) => total + conditions(filter), 0)

const depth = (filter: Filter): number =>
  "and" in filter
    ? 1 + deepest(filter.and)
    : "or" in filter
    ? 1 + deepest(filter.or)
    : "not" in filter
    ? 1 + depth(filter.not)
    : 1

const deepest = (filters: ReadonlyArray<Filter>): number => Math.max(...filters.map(depth))

export const Filter = node.check(
  Schema.makeFilter((filter: Filter) => depth(filter) <= 6 || "a filter of at most 6 levels"),
  Schema.makeFilter((filter: Filter) => conditions(filter) <= 64 || "a filter of at most 64 conditions")
)
