import type { Atom } from "./Atom.ts"
import type { Packer } from "./packed.ts"
import type { Sizes } from "./Sizes.ts"

/** Fills segments up to the limit, one after the other, and begins a new one where it is told to. No heading paths: all is text. */
export const filling = (makeIsBreak: () => (next: Atom) => boolean) => (sizes: Sizes): Packer => {
  const isBreak = makeIsBreak()
  let pending: Array<Atom> = []
  let size = 0

  const take = (): ReadonlyArray<ReadonlyArray<Atom>> => {
    const taken = pending
    pending = []
    size = 0
    return taken.length === 0 ? [] : [taken]
  }

  return {
    push: (atom) => {
      const isNew = isBreak(atom)
      const full = isNew || size + atom.size > sizes.capacity ? take() : []
      if (pending.length === 0) size = atom.header?.size ?? 0
      pending.push(atom)
      size += atom.size
      return full
    },
    end: take,
    lay: (atoms) => ({ atoms, headingPath: [], overlap: [], hasHeader: (atoms[0]?.header ?? null) !== null })
  }
}
