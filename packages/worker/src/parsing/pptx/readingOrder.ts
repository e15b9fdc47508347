/** A place on a slide, in any unit, origin at the top left. */
export interface Place {
  readonly x0: number
  readonly y0: number
  readonly x1: number
  readonly y1: number
}

/** What overlaps by less is beside each other nevertheless: a share of the smaller side. */
const slack = 0.15

/**
 * In the order in which people read: what stands beside each other is cut along the widest gap between rows or columns, and again, until
 * nothing can be cut. Depends on places alone; what shares a place keeps its order.
 */
export const readingOrder = <A extends { readonly place: Place }>(shapes: ReadonlyArray<A>): ReadonlyArray<A> =>
  // What can be cut in two ways, as lines without width can, is cut in the same way however the shapes come.
  cutUp(shapes.toSorted((a, b) => fromTheTop(a.place, b.place)))

const fromTheTop = (a: Place, b: Place): number => a.y0 - b.y0 || a.x0 - b.x0 || a.y1 - b.y1 || a.x1 - b.x1

const cutUp = <A extends { readonly place: Place }>(shapes: ReadonlyArray<A>): ReadonlyArray<A> => {
  if (shapes.length < 2) return shapes
  const rows = cut(shapes, ({ place }) => [place.y0, place.y1])
  const columns = cut(shapes, ({ place }) => [place.x0, place.x1])
  const best = columns !== null && (rows === null || columns.gap > rows.gap) ? columns : rows
  if (best !== null) return [...cutUp(best.before), ...cutUp(best.after)]
  return shapes.toSorted((a, b) => fromTheTop(a.place, b.place))
}

interface Cut<A> {
  readonly gap: number
  readonly before: ReadonlyArray<A>
  readonly after: ReadonlyArray<A>
}

/** The widest gap along one direction, if there is one: negative where shapes overlap by a little. */
const cut = <A>(shapes: ReadonlyArray<A>, span: (shape: A) => readonly [number, number]): Cut<A> | null => {
  const sorted = shapes.toSorted((a, b) => span(a)[0] - span(b)[0] || span(a)[1] - span(b)[1])
  let best: { readonly at: number; readonly gap: number } | null = null
  let reached = Number.NEGATIVE_INFINITY
  let shortest = Number.POSITIVE_INFINITY
  for (const [at, shape] of sorted.entries()) {
    const [start, end] = span(shape)
    const gap = start - reached
    shortest = Math.min(shortest, end - start)
    if (at > 0 && gap >= -slack * shortest && (best === null || gap > best.gap)) best = { at, gap }
    reached = Math.max(reached, end)
  }
  return best === null ? null : { gap: best.gap, before: sorted.slice(0, best.at), after: sorted.slice(best.at) }
}
