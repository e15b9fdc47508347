import { type Atom, noPath, Rank, type TitlePath } from "../atoms/Atom.ts"
import type { Sizes } from "../atoms/Sizes.ts"

interface OpenTitle {
  readonly level: number
  readonly text: string
  readonly tokens: number
  readonly size: number
  /** Sizes of all atoms before it. */
  readonly at: number
  readonly waiting: Waiting | null
}

/** An atom whose rank is open until the size of its section is known. */
interface Waiting {
  atom: Atom
  isOpen: boolean
}

/** Deeper levels count as this one: no document has them, a hostile one has thousands. */
const deepest = 32

/** Share of a segment that the titles above it may take. */
const pathShare = 0.25

/**
 * Follows the titles of a document: gives each atom the titles above it and says where a new segment must begin. That is at a title
 * where the section before it (of the same or a lower level) or its own section is not small: small sections may share a segment, and a
 * section may share one with its own subsections. What a title stands directly under or above is never parted from it by force.
 *
 * Holds atoms back only until a section is known to be small or not, which takes `combineUnder` at most.
 */
export class Outline {
  readonly #sizes: Sizes
  readonly #open: Array<OpenTitle> = []
  #held: Array<Waiting> = []
  #total = 0
  #previous: Atom | null = null
  #path: TitlePath = noPath

  constructor(sizes: Sizes) {
    this.#sizes = sizes
  }

  push(atom: Atom): ReadonlyArray<Atom> {
    const isTitle = atom.element.kind === "title" && atom.start === 0
    const waiting = isTitle ? this.#title(atom) : this.#body(atom)
    this.#held.push(waiting)
    this.#total += atom.size
    this.#previous = atom
    if (isTitle) this.#path = this.#pathOf()
    for (const title of this.#open) {
      if (title.waiting?.isOpen !== true) continue
      if (this.#total - title.at < this.#sizes.combineUnder) break
      title.waiting.atom = { ...title.waiting.atom, rank: Rank.forced }
      title.waiting.isOpen = false
    }
    return this.#release()
  }

  end(): ReadonlyArray<Atom> {
    const rest = this.#held.map(({ atom }) => atom)
    this.#held = []
    return rest
  }

  #title(atom: Atom): Waiting {
    const level = Math.min(deepest, Math.max(1, atom.element.level ?? 1))
    let closed: OpenTitle | undefined
    while ((this.#open.at(-1)?.level ?? 0) >= level) {
      closed = this.#open.pop()
      if (closed?.waiting) closed.waiting.isOpen = false
    }
    const isAfterTitle = this.#previous?.element.kind === "title"
    const mayBeForced = closed !== undefined && !isAfterTitle
    const isForced = mayBeForced && this.#total - closed!.at >= this.#sizes.combineUnder
    const rank = isForced ? Rank.forced : isAfterTitle ? Rank.afterTitle : Rank.title + level
    const waiting = { atom: { ...atom, rank, path: this.#pathOf() }, isOpen: mayBeForced && !isForced }
    // A title that had to be cut is too long to stand above anything.
    const isWhole = atom.end === atom.element.text.length
    this.#open.push({
      level,
      text: atom.element.text.trim(),
      tokens: isWhole ? atom.tokens : Number.POSITIVE_INFINITY,
      size: atom.size,
      at: this.#total,
      waiting
    })
    return waiting
  }

  #body(atom: Atom): Waiting {
    const isAfterTitle = this.#previous?.element.kind === "title" && atom.element !== this.#previous.element
    const rank = isAfterTitle ? Rank.afterTitle : atom.rank
    return { atom: { ...atom, rank, path: this.#path }, isOpen: false }
  }

  /** Innermost titles first, as many as there is room for. A book and its first chapter often have one title: it is said once. */
  #pathOf(): TitlePath {
    const room = this.#sizes.maxTokens * pathShare
    const titles: Array<string> = []
    let size = 0
    for (let i = this.#open.length - 1, tokens = 0; i >= 0; i--) {
      const title = this.#open[i]!
      if (title.text === titles[0]) continue
      tokens += title.tokens
      if (tokens > room) break
      titles.unshift(title.text)
      size += title.size
    }
    return titles.length === 0 ? noPath : { titles, size }
  }

  #release(): ReadonlyArray<Atom> {
    let ready = 0
    while (ready < this.#held.length && !this.#held[ready]!.isOpen) ready++
    return this.#held.splice(0, ready).map(({ atom }) => atom)
  }
}
