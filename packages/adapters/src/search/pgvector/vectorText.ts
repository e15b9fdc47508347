/** A vector as pgvector reads it, of length 1: cosines stay the same, and half precision holds whatever size the model gives. */
export const vectorText = (vector: Float32Array): string => {
  const length = Math.hypot(...vector) || 1
  return `[${Array.from(vector, (value) => (value / length).toPrecision(6)).join(",")}]`
}
