/** A sentence whose vector is known: wherever it comes back the same, the same model is at work. */
export const witness = "The quick brown fox jumps over the lazy dog."

/** Sentences that have nothing to do with each other. */
export const unrelated = [
  "The turbine must be inspected every six months.",
  "Melt the butter and stir in the flour.",
  "The parliament was dissolved after the vote.",
  "Her violin needs a new string.",
  "Penguins huddle together against the wind.",
  "The invoice is due within thirty days.",
  "Photosynthesis turns light into sugar.",
  "He scored twice in the second half."
] as const

export const cosine = (a: Float32Array, b: Float32Array): number => {
  let dot = 0
  let left = 0
  let right = 0
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!
    left += a[i]! ** 2
    right += b[i]! ** 2
  }
  return left === 0 || right === 0 ? 0 : dot / Math.sqrt(left * right)
}

/** What is wrong with a vector; `undefined` if nothing is. */
export const flawOf = (vector: Float32Array, dimension: number): string | undefined => {
  if (vector.length !== dimension) return `the vector has ${vector.length} dimensions instead of ${dimension}`
  if (!vector.every(Number.isFinite)) return "the vector is not finite"
  if (vector.every((value) => value === 0)) return "the vector is zero"
  return undefined
}

/** The same text has nearly the same vector again: half precision and other company in the batch move it by less. */
const same = 0.98

export const isSame = (a: Float32Array, b: Float32Array): boolean => a.length === b.length && cosine(a, b) >= same

export const isNormalised = (vectors: ReadonlyArray<Float32Array>): boolean =>
  vectors.every((vector) => Math.abs(Math.hypot(...vector) - 1) < 0.01)

/** The cosine that texts reach which have nothing in common: the mean over all pairs, in hundredths, never negative. */
export const floorOf = (vectors: ReadonlyArray<Float32Array>): number => {
  const pairs = vectors.flatMap((a, i) => vectors.slice(i + 1).map((b) => cosine(a, b)))
  const mean = pairs.reduce((sum, value) => sum + value, 0) / Math.max(1, pairs.length)
  return Math.min(0.95, Math.max(0, Math.round(mean * 100) / 100))
}
