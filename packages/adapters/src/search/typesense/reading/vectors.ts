import { Effect, Schema } from "effect"
import type { Engine } from "../Engine.ts"
import { malformed } from "../Failure.ts"
import { checked } from "./statistics.ts"

/** Vectors are long: so many come with one answer. */
const vectorsAtOnce = 100

const Hits = Schema.Struct({
  hits: Schema.Array(Schema.Struct({
    document: Schema.Struct({ id: Schema.String, vector: Schema.optionalKey(Schema.Array(Schema.Finite)) })
  }))
})
const decodeHits = Schema.decodeUnknownEffect(Hits)

/** The vectors of those of the ids that a collection has. */
export const vectorsIn = Effect.fnUntraced(function*(engine: Engine, collection: string, ids: ReadonlyArray<string>) {
  const found = new Map<string, Float32Array | null>()
  for (let from = 0; from < ids.length; from += vectorsAtOnce) {
    const [result] = yield* engine.multiSearch([{
      collection,
      q: "*",
      filter_by: `id:=[${ids.slice(from, from + vectorsAtOnce).join(",")}]`,
      per_page: vectorsAtOnce,
      include_fields: "id,vector"
    }])
    const { hits } = yield* Effect.mapError(
      Effect.flatMap(checked(result), decodeHits),
      (error) => error._tag === "SchemaError" ? malformed("a list of vectors") : error
    )
    for (const { document: { id, vector } } of hits) {
      found.set(id, vector === undefined ? null : Float32Array.from(vector))
    }
  }
  return found
})
