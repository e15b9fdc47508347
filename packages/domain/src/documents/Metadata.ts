import { Schema } from "effect"
import { isStorable } from "../text.ts"

const key = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/
const text = Schema.String.check(Schema.isMaxLength(2_000), isStorable)

export const MetadataValue = Schema.Union([
  text,
  Schema.Finite,
  Schema.Boolean,
  Schema.Array(text).check(Schema.isMaxLength(100))
])
export type MetadataValue = typeof MetadataValue.Type

/** What a caller says about a document, and filters by. At most 64 fields. */
export const Metadata = Schema.Record(Schema.String, MetadataValue).check(
  Schema.isMaxProperties(64),
  // Not as the schema of the key: a record drops entries whose key does not fit, and nobody would hear of it.
  Schema.makeFilter((metadata: Readonly<Record<string, MetadataValue>>) => {
    const unfit = Object.keys(metadata).find((name) => !key.test(name))
    return unfit === undefined || `a name of letters, digits, "_", "." and "-" in place of ${JSON.stringify(unfit)}`
  })
)
export type Metadata = typeof Metadata.Type
