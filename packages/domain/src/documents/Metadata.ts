import { Schema } from "effect"
import { isStorable } from "../text.ts"

/** What a field may be called. */
export const fieldName = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/

export const isFieldName = Schema.isPattern(fieldName, {
  expected: "up to 64 letters, digits, dots, hyphens and underscores, with a letter or underscore first"
})

const text = Schema.String.check(Schema.isMaxLength(2_000), isStorable)

export const MetadataValue = Schema.Union([
  text,
  Schema.Finite,
  Schema.Boolean,
  Schema.Array(text).check(Schema.isMaxLength(100))
])
export type MetadataValue = typeof MetadataValue.Type

const fewAndNamed = Schema.makeFilter((metadata: object) => {
  // Not as the schema of the key: a record drops entries whose key does not fit, and nobody would hear of it.
  const names = Object.keys(metadata)
  const unfit = names.find((name) => !fieldName.test(name))
  if (unfit !== undefined) return `a name of letters, digits, "_", "." and "-" in place of ${JSON.stringify(unfit)}`
  return names.length <= maxFields || `at most ${maxFields} fields`
})

/** Fields of one document. */
export const maxFields = 64

/** What a caller says about a document, and filters by. At most 64 fields. */
export const Metadata = Schema.Record(Schema.String, MetadataValue).check(fewAndNamed)
export type Metadata = typeof Metadata.Type

/** Changes of metadata: `null` removes a field. */
export const MetadataPatch = Schema.Record(Schema.String, Schema.NullOr(MetadataValue)).check(fewAndNamed)
export type MetadataPatch = typeof MetadataPatch.Type
