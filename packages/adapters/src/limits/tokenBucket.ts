/** What is left of a minute's calls, and when that was counted. */
export interface Bucket {
  readonly tokens: number
  readonly atMs: number
}

const minute = 60_000

/** A bucket that nobody has taken from. */
export const full = (perMinute: number, nowMs: number): Bucket => ({ tokens: perMinute, atMs: nowMs })

/**
 * Takes one call. A bucket holds a minute's worth and fills evenly, so that a burst of that size is let in and never more than twice that in
 * any minute. A refusal says when the next call is let in, and takes nothing. A clock that goes back fills nothing.
 */
export const take = (
  bucket: Bucket,
  perMinute: number,
  nowMs: number
): { readonly bucket: Bucket; readonly retryAfterMs: number } => {
  const elapsed = Math.max(0, nowMs - bucket.atMs)
  const tokens = Math.min(perMinute, bucket.tokens + elapsed * perMinute / minute)
  const now = { tokens, atMs: Math.max(nowMs, bucket.atMs) }
  if (tokens >= 1) return { bucket: { ...now, tokens: tokens - 1 }, retryAfterMs: 0 }
  // Nobody is let in by a limit of nothing: whoever asks again in a minute may find another.
  return { bucket: now, retryAfterMs: perMinute === 0 ? minute : Math.ceil((1 - tokens) * minute / perMinute) }
}
