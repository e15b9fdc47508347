import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import { Effect, Layer } from "effect"
import { seeded } from "../retrieval/distractors.ts"

/** FNV-1a. */
const hash = (text: string): number => {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}

const topics = 50

const noise = (seed: number, dimension: number): Float32Array => {
  const random = seeded(seed)
  return Float32Array.from({ length: dimension }, () => random() - 0.5)
}

const knownTopics = new Map<string, Float32Array>()

/** The middle of a heap, made once. */
const topicOf = (topic: number, dimension: number): Float32Array => {
  const key = `${topic} ${dimension}`
  const known = knownTopics.get(key) ?? noise(topic, dimension)
  knownTopics.set(key, known)
  return known
}

/**
 * A direction that only depends on the text, of length 1. Every text belongs to one of fifty topics; texts of one have a cosine of
 * about 0.5, others of about 0: as real vectors do, they lie in heaps.
 */
export const madeVector = (text: string, dimension: number): Float32Array => {
  const own = hash(text)
  const topic = topicOf(own % topics, dimension)
  const vector = noise(own, dimension).map((value, index) => value + topic[index]!)
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}

/** Over an embedder: counts tokens as that one does, and gives made vectors of its space at once. */
export const layer: Layer.Layer<Embedder, never, Embedder> = Layer.effect(
  Embedder,
  Effect.map(Embedder, (real) => {
    const embed = (text: string) => madeVector(text, real.space.dimension)
    return Embedder.of({
      ...real,
      embedDocuments: (texts) => Effect.sync(() => texts.map(embed)),
      embedQuery: (text) => Effect.sync(() => embed(text))
    })
  })
)
