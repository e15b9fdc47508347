import { type Atom, keyOf } from "./Atom.ts"

/** Sizes of the first atoms: `sums[i]` is that of the first `i`. */
const sumsOf = (atoms: ReadonlyArray<Atom>): Float64Array => {
  const sums = new Float64Array(atoms.length + 1)
  for (const [i, atom] of atoms.entries()) sums[i + 1] = sums[i]! + atom.size
  return sums
}

/** Between `from` and `to`, the place of the best key that leaves `least` on both sides; if none does, the one nearest to the middle. */
const bestCut = (
  atoms: ReadonlyArray<Atom>,
  sums: Float64Array,
  range: { from: number; to: number; least: number }
) => {
  const { from, least, to } = range
  let best = -1
  let middle = from + 1
  let unevenness = Number.POSITIVE_INFINITY
  for (let at = from + 1; at < to; at++) {
    const before = sums[at]! - sums[from]!
    const after = sums[to]! - sums[at]!
    if (Math.min(before, after) >= least && (best < 0 || keyOf(atoms[at]!) < keyOf(atoms[best]!))) best = at
    if (Math.abs(before - after) < unevenness) {
      unevenness = Math.abs(before - after)
      middle = at
    }
  }
  return best < 0 ? middle : best
}

/** Cuts atoms at their best places until each part is at most `limitOf` its first atom, or a single atom. */
export const divide = (
  atoms: ReadonlyArray<Atom>,
  limitOf: (first: Atom) => number,
  least: number
): ReadonlyArray<ReadonlyArray<Atom>> => {
  const sums = sumsOf(atoms)
  const parts: Array<ReadonlyArray<Atom>> = []
  const open = [{ from: 0, to: atoms.length }]
  for (let range = open.pop(); range !== undefined; range = open.pop()) {
    const { from, to } = range
    if (to - from <= 1 || sums[to]! - sums[from]! <= limitOf(atoms[from]!)) {
      if (to > from) parts.push(atoms.slice(from, to))
      continue
    }
    const at = bestCut(atoms, sums, { from, to, least })
    open.push({ from: at, to }, { from, to: at })
  }
  return parts
}

/** Cuts atoms once, at their best place. */
export const halve = (
  atoms: ReadonlyArray<Atom>,
  least: number
): readonly [ReadonlyArray<Atom>, ReadonlyArray<Atom>] => {
  const at = bestCut(atoms, sumsOf(atoms), { from: 0, to: atoms.length, least })
  return [atoms.slice(0, at), atoms.slice(at)]
}
