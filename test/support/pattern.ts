/** Bytes that say where they stand, so that a hole, a repetition or a mix-up shows. `length` bytes from `offset` on. */
export const patternBytes = (offset: number, length: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = Math.imul((offset + i) >>> 2, 0x9e3779b1) >>> (8 * ((offset + i) & 3))
  return bytes
}

/** The same in pieces, made as they are asked for. */
export function* patternPieces(offset: number, end: number, piece = 64 * 1024): Generator<Uint8Array> {
  for (let at = offset; at < end; at += piece) yield patternBytes(at, Math.min(piece, end - at))
}
