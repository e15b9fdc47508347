/** When work on a document began and ended, in seconds before now. */
interface Span {
  readonly began: number
  readonly ended: number
}

/** Fewer tell nothing. */
const enough = 3

/**
 * Seconds until a document is done, from how it went with others: `ahead` of them are done first, at the pace at which they were
 * finished while there was work at all; the document itself then takes as long, on the mean, as those that took longer than has been
 * `worked` on it already. `null` where too few were measured, or none took so long.
 */
export const estimate = (
  spans: ReadonlyArray<Span>,
  { ahead, worked }: { readonly ahead: number; readonly worked: number }
): number | null => {
  if (spans.length < enough) return null
  const longer = spans.map(({ began, ended }) => began - ended).filter((seconds) => seconds > worked)
  if (longer.length === 0) return null
  const itself = longer.reduce((sum, seconds) => sum + seconds, 0) / longer.length - worked
  return ahead * busy(spans) / spans.length + itself
}

/** Seconds during which at least one of them was worked on. */
const busy = (spans: ReadonlyArray<Span>): number => {
  let total = 0
  let reached = Number.POSITIVE_INFINITY
  for (const { began, ended } of spans.toSorted((a, b) => b.began - a.began)) {
    const from = Math.min(began, reached)
    if (ended < from) total += from - ended
    reached = Math.min(reached, ended)
  }
  return total
}
