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

const made = new Map<string, Float32Array>()

/** A direction without a meaning, made once. */
const direction = (seed: number, dimension: number): Float32Array => {
  const key = `${seed} ${dimension}`
  const known = made.get(key) ?? noise(seed, dimension)
  made.set(key, known)
  return known
}

/** Of its own each text has so many out of so many directions: adding up three takes no time beside making one. */
const own = [1_000, 2_000, 3_000] as const
const ownDirections = 1_000

/**
 * A direction that only depends on the text, of length 1. Every text belongs to one of fifty topics; texts of one have a cosine of
 * about 0.5, others of about 0: as real vectors do, they lie in heaps.
 */
export const madeVector = (text: string, dimension: number): Float32Array => {
  const hashed = hash(text)
  const topic = direction(hashed % topics, dimension)
  const [a, b, c] = own.map((first, turn) =>
    direction(first + Math.floor(hashed / ownDirections ** turn) % ownDirections, dimension)
  ) as [Float32Array, Float32Array, Float32Array]
  const vector = new Float32Array(dimension)
  const share = Math.sqrt(1 / own.length)
  let squares = 0
  for (let at = 0; at < dimension; at++) {
    const value = topic[at]! + share * (a[at]! + b[at]! + c[at]!)
    vector[at] = value
    squares += value * value
  }
  const length = Math.sqrt(squares)
  for (let at = 0; at < dimension; at++) vector[at] = vector[at]! / length
  return vector
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
