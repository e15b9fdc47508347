import type { Atom } from "../atoms/Atom.ts"
import { divide } from "../atoms/divide.ts"
import type { Lay } from "../atoms/fit.ts"
import type { Packer } from "../atoms/packed.ts"
import type { Sizes } from "../atoms/Sizes.ts"
import { Anchors, type Run } from "./Anchors.ts"
import { Outline } from "./Outline.ts"
import { overlapOf } from "./overlap.ts"

/** Anchors are two thirds of the soft maximum apart at least: 192 of 288. */
const reachShare = 2 / 3

/** A part that is cut off a run is at least so much of the soft maximum, if there is a place for it. */
const leastShare = 1 / 3

/** Puts sections together, and cuts them, as `general` says. */
export const byTitle = (sizes: Sizes): Packer => {
  const outline = new Outline(sizes)
  const anchors = new Anchors({
    reach: Math.floor(sizes.soft * reachShare),
    patience: Math.max(6 * sizes.soft, 2 * sizes.capacity)
  })

  const limitOf = ({ header, path }: Atom) =>
    Math.max(1, Math.min(sizes.soft, sizes.capacity - path.size - sizes.overlap) - (header?.size ?? 0))

  const segments = (run: Run): ReadonlyArray<ReadonlyArray<Atom>> => {
    const parts = divide(run.atoms, limitOf, sizes.soft * leastShare)
    if (!run.isOpen) return parts
    anchors.keep(parts.at(-1) ?? [])
    return parts.slice(0, -1)
  }

  const place = (atoms: ReadonlyArray<Atom>) => atoms.flatMap((atom) => anchors.push(atom).flatMap(segments))

  return {
    push: (atom) => place(outline.push(atom)),
    end: () => [...place(outline.end()), ...anchors.end().flatMap(segments)],
    lay: layWithin(sizes)
  }
}

/** Adds the titles that stand above all of it, and what is to be repeated. */
export const layWithin = (sizes: Sizes): Lay => (atoms, before) => {
  const [first] = atoms
  return {
    atoms,
    headingPath: commonPath(atoms),
    overlap: first === undefined ? [] : overlapOf(before, first, sizes.overlap),
    hasHeader: first !== undefined && first.header !== null
  }
}

/** Titles that stand above all of the atoms. */
const commonPath = (atoms: ReadonlyArray<Atom>): ReadonlyArray<string> => {
  let common = atoms[0]?.path.titles ?? []
  for (const { element, path, start } of atoms) {
    if (element.kind !== "title" || start > 0) continue
    const differs = common.findIndex((title, i) => path.titles[i] !== title)
    if (differs >= 0) common = common.slice(0, differs)
  }
  return common
}
