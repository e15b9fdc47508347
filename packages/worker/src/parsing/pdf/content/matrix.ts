/** A transformation of the plane: x' = ax + cy + e, y' = bx + dy + f. */
export type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number]

export const identity: Matrix = [1, 0, 0, 1, 0, 0]

/** First `inner`, then `outer`. */
export const multiply = (outer: Matrix, inner: Matrix): Matrix => [
  outer[0] * inner[0] + outer[2] * inner[1],
  outer[1] * inner[0] + outer[3] * inner[1],
  outer[0] * inner[2] + outer[2] * inner[3],
  outer[1] * inner[2] + outer[3] * inner[3],
  outer[0] * inner[4] + outer[2] * inner[5] + outer[4],
  outer[1] * inner[4] + outer[3] * inner[5] + outer[5]
]

/** Six numbers as they come from a file, or null when they are none. */
export const toMatrix = (value: unknown): Matrix | null => {
  const numbers = Array.isArray(value) || ArrayBuffer.isView(value) ? Array.from(value as ArrayLike<unknown>) : []
  const [a, b, c, d, e, f] = numbers
  if (numbers.length !== 6 || !numbers.every((one) => typeof one === "number" && Number.isFinite(one))) return null
  return [Number(a), Number(b), Number(c), Number(d), Number(e), Number(f)]
}
