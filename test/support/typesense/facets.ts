import type { Collection, Stored } from "./Collection.ts"
import { type JsonObject, Refusal } from "./Refusal.ts"
import type { Parameters } from "./search.ts"

/** Counts of values, and what numbers come to. */
export const facetsOf = (
  collection: Collection,
  parameters: Parameters,
  matches: ReadonlyArray<Stored>
): ReadonlyArray<JsonObject> =>
  (parameters["facet_by"] ?? "").split(",").filter((name) => name !== "").map((name) => {
    const field = collection.fields.get(name)
    if (field?.facet !== true) throw new Refusal(404, `Could not find a facet field named \`${name}\` in the schema.`)
    const values = matches.flatMap(({ document }) => document[name] ?? [])
    const counts = new Map<string, number>()
    for (const value of values) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1)
    const shown = [...counts].sort((a, b) => b[1] - a[1]).slice(0, Number(parameters["max_facet_values"] ?? 10))
    const numbers = values.filter((value) => typeof value === "number")
    const sum = numbers.reduce((total, value) => total + value, 0)
    return {
      counts: shown.map(([value, count]) => ({ count, highlighted: value, value })),
      field_name: name,
      sampled: false,
      stats: {
        ...(numbers.length > 0 && {
          avg: sum / numbers.length,
          max: numbers.reduce((a, b) => Math.max(a, b)),
          min: numbers.reduce((a, b) => Math.min(a, b)),
          sum
        }),
        total_values: shown.length
      }
    }
  })
