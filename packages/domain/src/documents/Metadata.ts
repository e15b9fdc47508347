import { Schema } from "effect"
import { isStorable } from "../text.ts"

const key = Schema.String.check(Schema.isPattern(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/))
const text = Schema.String.check(Schema.isMaxLength(2_000), isStorable)

export const MetadataValue = Schema.Union([
  text,
  Schema.Finite,
  Schema.Boolean,
  Schema.Array(text).check(Schema.isMaxLength(100))
])
export type MetadataValue = typeof MetadataValue.Type

/** What a caller says about a document, and filters by. At most 64 fields. */
export const Metadata = Schema.Record(key, MetadataValue).check(Schema.isMaxProperties(64))
export type Metadata = typeof Metadata.Type
