import { Effect } from "effect"
import { RequestFailed } from "../governor/EmbeddingClient.ts"
import { vectorOf } from "../http/vectorOf.ts"

const nonsense = (detail: string) =>
  Effect.fail(new RequestFailed({ kind: "down", detail: `the embeddings ${detail}` }))

const property = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined

/** The vectors of `{data: [{index, embedding}]}`, one for each of `count` texts, put in their order by `index`. */
export const readEmbeddings = (
  answer: unknown,
  count: number
): Effect.Effect<ReadonlyArray<Float32Array>, RequestFailed> => {
  const data = property(answer, "data")
  if (!Array.isArray(data)) return nonsense("cannot be understood")
  if (data.length !== count) return nonsense(`are ${data.length} for ${count} texts`)
  const vectors = new Map<number, Float32Array>()
  for (const [place, item] of data.entries()) {
    const index = property(item, "index") ?? place
    const vector = vectorOf(property(item, "embedding"))
    if (typeof index !== "number" || vector === undefined) return nonsense("cannot be understood")
    vectors.set(index, vector)
  }
  const ordered = data.map((_, index) => vectors.get(index))
  const whole = ordered.filter((vector) => vector !== undefined)
  return whole.length === count ? Effect.succeed(whole) : nonsense("do not say whose they are")
}
