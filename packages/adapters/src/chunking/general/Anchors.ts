import { type Atom, keyOf, Rank } from "../atoms/Atom.ts"

interface Place {
  readonly key: number
  /** Sizes of all atoms before it. */
  readonly at: number
  /** Number of its atom. */
  readonly index: number
  readonly mayBeAnchor: boolean
}

/** What stands between two anchors. `isOpen`: only the front of it, which must be used before the next push (see `keep`). */
export interface Run {
  readonly atoms: ReadonlyArray<Atom>
  readonly isOpen: boolean
}

/**
 * Finds where segments begin: at the places whose key is the least within `reach` on both sides, and where it is forced. That depends on
 * nothing further away, so that an edit moves only the boundaries near it (local minima, as in content-defined chunking of files).
 * Anchors are at least `reach` apart unless forced.
 */
export class Anchors {
  readonly #reach: number
  readonly #patience: number
  #pending: Array<Atom> = []
  /** Number of the first pending atom. */
  #first = 0
  #pendingSize = 0
  #total = 0
  /** Places within reach of the newest atom that no later one has beaten; keys ascend. */
  #places: Array<Place> = []

  /** `patience`: what is held back at most where no anchor shows, as in endlessly repeated text. */
  constructor(options: { readonly reach: number; readonly patience: number }) {
    this.#reach = options.reach
    this.#patience = options.patience
  }

  /** Answers the runs that are now known. */
  push(atom: Atom): ReadonlyArray<Run> {
    const runs: Array<Run> = []
    const index = this.#first + this.#pending.length
    const at = this.#total
    const key = atom.rank === Rank.forced ? -1 : keyOf(atom)
    this.#settle(runs)
    while (this.#places.length > 0 && this.#places.at(-1)!.key > key) this.#places.pop()
    const isFirst = index === 0 || atom.rank === Rank.forced
    const mayBeAnchor = !isFirst && this.#places.length === 0
    this.#places.push({ key: index === 0 ? -1 : key, at, index, mayBeAnchor })
    if (isFirst) this.#cut(index, runs)
    this.#pending.push(atom)
    this.#pendingSize += atom.size
    this.#total += atom.size
    if (this.#pendingSize > this.#patience) runs.push({ atoms: this.#pending, isOpen: true })
    return runs
  }

  /** Puts back what is to begin the next run. */
  keep(atoms: ReadonlyArray<Atom>): void {
    this.#first += this.#pending.length - atoms.length
    this.#pending = [...atoms]
    this.#pendingSize = atoms.reduce((sum, { size }) => sum + size, 0)
  }

  /** The runs that are left; the end of the document is a boundary like a forced one. */
  end(): ReadonlyArray<Run> {
    const runs: Array<Run> = []
    this.#settle(runs)
    if (this.#pending.length > 0) runs.push({ atoms: this.#pending, isOpen: false })
    this.#pending = []
    return runs
  }

  /** Nothing that comes now is within reach of these places. */
  #settle(runs: Array<Run>): void {
    let gone = 0
    while (gone < this.#places.length && this.#total - this.#places[gone]!.at >= this.#reach) {
      const place = this.#places[gone++]!
      if (place.mayBeAnchor) this.#cut(place.index, runs)
    }
    this.#places.splice(0, gone)
  }

  #cut(index: number, runs: Array<Run>): void {
    const count = index - this.#first
    if (count <= 0) return
    const atoms = this.#pending.splice(0, count)
    this.#first = index
    this.#pendingSize -= atoms.reduce((sum, { size }) => sum + size, 0)
    runs.push({ atoms, isOpen: false })
  }
}
