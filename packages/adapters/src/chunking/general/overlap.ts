import { type Atom, Rank } from "../atoms/Atom.ts"
import { wordCuts } from "../cuts/cuts.ts"
import { tick } from "../cuts/graphemes.ts"

/** A segment that begins here goes on where the one before was cut: not at a title, nor with a table's row, which has its header. */
const goesOn = (first: Atom): boolean =>
  first.rank >= Rank.block && first.rank < Rank.afterTitle && first.header === null

/**
 * The end of a segment, to be repeated at the beginning of the next: whole atoms of at most `size`, or else the last words of the last
 * atom, estimated by their length.
 */
export const overlapOf = (before: ReadonlyArray<Atom>, first: Atom, size: number): ReadonlyArray<Atom> => {
  const last = before.at(-1)
  if (size === 0 || last === undefined || !goesOn(first)) return []
  let from = before.length
  for (let room = size; from > 0 && before[from - 1]!.size <= room; from--) room -= before[from - 1]!.size
  if (from < before.length) return before.slice(from)
  const units = Math.floor((last.end - last.start) * (size / last.size))
  for (const start of wordCuts(last.element.text, last.start, last.end)) {
    if (start !== tick && last.end - start <= units) return [{ ...last, start }]
  }
  return []
}
