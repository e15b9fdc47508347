import type { Space } from "@sheaf/domain/spaces/Space"
import { Schema } from "effect"
import type { CollectionFieldSchema as FieldSchema } from "typesense/lib/Typesense/Collection.js"
import { impactFields } from "./impact.ts"

/**
 * Raised whenever entries of an older collection would not do as they are: then the collection is built anew beside the old one. An
 * optional field that old entries can do without needs no new version: it is added where it is missing.
 */
export const schemaVersion = 1

const text = (name: string): FieldSchema => ({ name, type: "string" })
const optionalText = (name: string): FieldSchema => ({ name, type: "string", optional: true })
const unindexed = (name: string): FieldSchema => ({ name, type: "string", index: false, optional: true })

/** What the collection of a space holds of each segment; `record.ts` says what stands in each field. */
export const fieldsOf = (space: Pick<Space, "dimension">): Array<FieldSchema> => [
  text("tenant"),
  text("dataset"),
  text("document"),
  ...impactFields.map(([name]) => optionalText(name)),
  { name: "length", type: "int32", facet: true },
  { name: "facts", type: "string[]" },
  { name: "ranks", type: "int64[]" },
  text("version"),
  { name: "embedded", type: "bool" },
  { name: "vector", type: "float[]", num_dim: space.dimension, vec_dist: "cosine", optional: true },
  // Of records that a rebuild copied and nobody has written since.
  { name: "copied", type: "bool", optional: true },
  unindexed("words"),
  unindexed("fields")
]

const Field = Schema.Struct({
  name: Schema.String,
  type: Schema.String,
  num_dim: Schema.optionalKey(Schema.Finite)
})

/** What the server says of a collection, as far as it matters here. */
export const Collection = Schema.Struct({
  name: Schema.String,
  fields: Schema.Array(Field),
  metadata: Schema.optionalKey(Schema.Struct({ version: Schema.Int }))
})
export type Collection = typeof Collection.Type

export const versionOf = ({ metadata }: Collection): number => metadata?.version ?? 0

/** Fields that the collection lacks, or `undefined` where one of them has another type and so none can be added. */
export const missingFields = (collection: Collection, space: Pick<Space, "dimension">) => {
  const present = new Map(collection.fields.map((field) => [field.name, field]))
  const wanted = fieldsOf(space)
  const clashes = wanted.some((field) => {
    const found = present.get(field.name)
    return found !== undefined &&
      (found.type !== field.type || (field.num_dim !== undefined && found.num_dim !== field.num_dim))
  })
  const missing = wanted.filter(({ name }) => !present.has(name))
  return clashes || missing.some((field) => field.optional !== true) ? undefined : missing
}
