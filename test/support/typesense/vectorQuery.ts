import type { Collection } from "./Collection.ts"
import { Refusal } from "./Refusal.ts"

export interface VectorQuery {
  readonly field: string
  readonly values: ReadonlyArray<number>
  readonly k: number
  readonly flatSearchCutoff: number
  readonly threshold: number
}

const malformed = (detail = "") => new Refusal(400, `Malformed vector query string${detail}.`)

/** `field:([1,2,3], k:10, ...)`. Nothing where there is no query, or where its vector is empty: then the server ignores it. */
export const parseVectorQuery = (
  text: string | undefined,
  collection: Collection,
  hits: number
): VectorQuery | undefined => {
  if (text === undefined || text === "") return undefined
  const parts = /^\s*([^:\s]+)\s*:\s*\(\s*\[([^\]]*)\]\s*(?:,([^)]*))?\)?\s*$/.exec(text)
  if (parts === null) throw malformed()
  const [, field = "", vector = "", rest = ""] = parts
  const numDim = collection.fields.get(field)?.numDim
  if (numDim === undefined) throw new Refusal(400, `Field \`${field}\` does not have a vector query index.`)
  if (vector.trim() === "") return undefined
  const values = vector.split(",").map((one) => Number(one.trim()))
  if (values.some((value, i) => Number.isNaN(value) && vector.split(",")[i]!.trim() !== "NaN")) {
    throw malformed(": one of the vector values is not a float")
  }
  if (values.length !== numDim) throw new Refusal(400, `Query field \`${field}\` must have ${numDim} dimensions.`)
  const parameters = new Map(
    rest.split(",").map((pair) => {
      const [name = "", value = ""] = pair.split(":").map((part) => part.trim())
      return [name, value] as const
    })
  )
  const k = parameters.get("k") ?? "0"
  if (!/^\d+$/.test(k)) throw malformed(": `k` parameter must be an integer")
  const threshold = parameters.get("distance_threshold")
  if (threshold !== undefined && Number.isNaN(Number(threshold))) {
    throw malformed(": `distance_threshold` parameter must be a float")
  }
  return {
    field,
    values,
    k: Number(k) || hits,
    flatSearchCutoff: Number(parameters.get("flat_search_cutoff") ?? 0),
    threshold: threshold === undefined ? Infinity : Number(threshold)
  }
}
