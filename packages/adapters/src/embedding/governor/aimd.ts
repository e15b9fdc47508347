/** How many requests may be under way at once, found by trying: additive increase, multiplicative decrease. */
export interface Aimd {
  /** A fraction is progress towards the next whole request. */
  readonly limit: number
  /** When it was last cut (ms): what was sent before says nothing about the new limit. */
  readonly cutAt: number
  /** Usual time of an answer by size of the request, in powers of two. */
  readonly usual: ReadonlyMap<number, number>
}

export interface AimdOptions {
  readonly min: number
  readonly start: number
  readonly max: number
}

export interface Answered {
  readonly sentAt: number
  readonly now: number
  /** Tokens of the request. */
  readonly size: number
  /** As many requests were under way as the limit allowed; else the answer does not say that more would do. */
  readonly saturated: boolean
}

export const start = ({ max, min, start }: AimdOptions): Aimd => ({
  limit: Math.min(max, Math.max(min, start)),
  cutAt: Number.NEGATIVE_INFINITY,
  usual: new Map()
})

const afterOverload = 0.5
const afterSlowness = 0.9

/** An answer that takes so many times as long as usual waited in the server's queue. */
const slow = 3

/** What is usual follows a faster answer at once and a slower one by this share, so that a server may become slower for good. */
const drift = 0.02

const cut = (state: Aimd, factor: number, now: number, { min }: AimdOptions): Aimd => ({
  ...state,
  limit: Math.max(min, state.limit * factor),
  cutAt: now
})

/** The server said that it is too much. One burst of such answers cuts once. */
export const overloaded = (
  state: Aimd,
  { now, sentAt }: Pick<Answered, "now" | "sentAt">,
  options: AimdOptions
): Aimd => sentAt < state.cutAt ? state : cut(state, afterOverload, now, options)

export const answered = (state: Aimd, { now, saturated, sentAt, size }: Answered, options: AimdOptions): Aimd => {
  const took = Math.max(0, now - sentAt)
  const kind = Math.floor(Math.log2(Math.max(1, size)))
  const before = state.usual.get(kind) ?? took
  const next = { ...state, usual: new Map(state.usual).set(kind, Math.min(took, before + before * drift)) }
  if (took > before * slow) return sentAt < state.cutAt ? next : cut(next, afterSlowness, now, options)
  return saturated ? { ...next, limit: Math.min(options.max, next.limit + 1 / next.limit) } : next
}
