/** A vector as it travels: numbers (what is not finite comes as `null`), or their bytes, little-endian float32, in base64. */
export const vectorOf = (wire: unknown): Float32Array | undefined => {
  if (typeof wire === "string") {
    const bytes = Buffer.from(wire, "base64")
    if (bytes.length % 4 !== 0) return undefined
    return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4))
  }
  if (!Array.isArray(wire)) return undefined
  const vector = new Float32Array(wire.length)
  for (let i = 0; i < wire.length; i++) {
    const value: unknown = wire[i]
    if (typeof value !== "number" && value !== null) return undefined
    vector[i] = value ?? Number.NaN
  }
  return vector
}
