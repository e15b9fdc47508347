/** Indexes keep vectors in half precision or six decimals, and scale them: that alone leaves a cosine far above this. */
const nearlyOne = 0.999

/** Whether bytes of the table are the vector of a text: so many numbers, all finite, with a direction. */
export const readVector = (bytes: Uint8Array, dimension: number): Float32Array | null => {
  if (bytes.byteLength !== dimension * 4) return null
  const vector = new Float32Array(Uint8Array.from(bytes).buffer)
  let squares = 0
  for (const value of vector) squares += value * value
  return Number.isFinite(squares) && squares > 0 ? vector : null
}

/** Whether an index's vector has the direction of the one that it was given. */
export const isSameVector = (given: Float32Array, found: Float32Array | null): boolean => {
  if (found === null || found.length !== given.length) return false
  let [product, left, right] = [0, 0, 0]
  for (let i = 0; i < given.length; i++) {
    product += given[i]! * found[i]!
    left += given[i]! ** 2
    right += found[i]! ** 2
  }
  return product >= nearlyOne * Math.sqrt(left * right)
}
