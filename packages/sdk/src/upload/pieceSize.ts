const smallest = 64 * 1024
const largest = 8 * 1024 * 1024

/** Bytes of the first piece of an upload. */
export const firstPiece = 1024 * 1024

/**
 * Bytes of the next piece. A piece should take about a second: long enough to make the round trip between pieces small beside
 * it, short enough to show progress on a slow line and to lose little when it breaks.
 */
export const adapted = (size: number, last: { readonly sent: number; readonly tookMs: number }): number => {
  if (last.sent <= 0) return Math.max(smallest, Math.floor(size / 4))
  if (last.tookMs > 2_000) return Math.max(smallest, Math.floor(size / 2))
  return last.tookMs < 500 ? Math.min(largest, size * 2) : size
}
