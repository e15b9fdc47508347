import { isObject, type Json, type JsonObject, Refusal } from "./Refusal.ts"

export interface Field {
  readonly name: string
  readonly type: string
  readonly optional: boolean
  readonly facet: boolean
  readonly index: boolean
  readonly sort: boolean
  readonly infix: boolean
  readonly stem: boolean
  readonly locale: string
  readonly numDim: number | undefined
  readonly vecDist: string
}

const types = new Set(
  ["string", "int32", "int64", "float", "bool", "object", "auto"].flatMap((type) => [type, `${type}[]`])
)

const flag = (value: Json | undefined, otherwise: boolean): boolean => typeof value === "boolean" ? value : otherwise

export const fieldOf = (given: Json): Field => {
  if (!isObject(given) || typeof given["name"] !== "string") throw new Refusal(400, "Wrong format for `fields`.")
  const { name, num_dim: numDim, type, vec_dist: vecDist } = given
  if (typeof type !== "string" || !types.has(type)) {
    throw new Refusal(400, `Field \`${name}\` has an invalid data type.`)
  }
  return {
    name,
    type,
    optional: flag(given["optional"], false),
    facet: flag(given["facet"], false),
    index: flag(given["index"], true),
    sort: flag(given["sort"], ["int32", "int64", "float", "bool"].includes(type)),
    infix: flag(given["infix"], false),
    stem: flag(given["stem"], false),
    locale: typeof given["locale"] === "string" ? given["locale"] : "",
    numDim: typeof numDim === "number" && numDim > 0 ? numDim : undefined,
    vecDist: typeof vecDist === "string" ? vecDist : "cosine"
  }
}

/** As a collection shows its fields. */
export const shownField = (field: Field): JsonObject => ({
  facet: field.facet,
  index: field.index,
  infix: field.infix,
  locale: field.locale,
  name: field.name,
  optional: field.optional,
  sort: field.sort,
  stem: field.stem,
  stem_dictionary: "",
  store: true,
  type: field.type,
  ...(field.numDim !== undefined &&
    { hnsw_params: { M: 16, ef_construction: 200 }, num_dim: field.numDim, vec_dist: field.vecDist })
})

/** As the answer to a change shows a field that was added. */
export const alteredField = (field: Field): JsonObject => ({
  async_reference: false,
  embed: null,
  facet: field.facet,
  hnsw_params: { M: 16, ef_construction: 200 },
  index: field.index,
  infix: field.infix,
  locale: field.locale,
  name: field.name,
  nested: false,
  nested_array: 0,
  num_dim: field.numDim ?? 0,
  optional: field.optional,
  range_index: false,
  reference: "",
  sort: field.sort,
  stem: field.stem,
  stem_dictionary: "",
  store: true,
  symbols_to_index: [],
  token_separators: [],
  type: field.type,
  vec_dist: "cosine"
})

const isOf = (type: string, value: Json | undefined): boolean => {
  switch (type) {
    case "string":
      return typeof value === "string"
    case "int32":
    case "int64":
      return typeof value === "number" && Number.isInteger(value)
    case "float":
      return typeof value === "number"
    case "bool":
      return typeof value === "boolean"
    default:
      return true
  }
}

const article = (type: string): string => type.startsWith("int") ? "an" : "a"

const checkValue = (field: Field, value: Json): string | undefined => {
  const { name, numDim, type } = field
  if (!type.endsWith("[]")) return isOf(type, value) ? undefined : `Field \`${name}\` must be ${article(type)} ${type}.`
  if (!Array.isArray(value)) return `Field \`${name}\` must be an array.`
  const items: ReadonlyArray<Json> = value
  const single = type.slice(0, -2)
  if (!items.every((item) => isOf(single, item))) return `Field \`${name}\` must be a array of ${single}.`
  return numDim !== undefined && items.length !== numDim
    ? `Field \`${name}\` must have ${numDim} dimensions.`
    : undefined
}

/** Why a document does not fit, if it does not. */
export const checkDocument = (
  fields: Iterable<Field>,
  document: JsonObject,
  defaultSortingField: string
): string | undefined => {
  if (defaultSortingField !== "" && document[defaultSortingField] === undefined) {
    return `Field \`${defaultSortingField}\` has been declared as a default sorting field, but is not found in the document.`
  }
  for (const field of fields) {
    const value = document[field.name]
    if (value === undefined || (value === null && field.optional)) {
      if (!field.optional) {
        return `Field \`${field.name}\` has been declared in the schema, but is not found in the document.`
      }
      continue
    }
    if (!field.index) continue
    const problem = checkValue(field, value)
    if (problem !== undefined) return problem
  }
  return undefined
}
