import type { Element } from "@sheaf/domain/documents/Element"

/** How good a place before an atom is for a segment to begin; less is better. Titles stand between `title` and `title + 99`. */
export const Rank = {
  /** A segment begins here whatever stands around. */
  forced: 0,
  title: 100,
  block: 200,
  line: 300,
  sentence: 310,
  cell: 320,
  words: 400,
  word: 410,
  graphemes: 500,
  grapheme: 510,
  codePoint: 600,
  /** Right after a title: it would be parted from what it is the title of. */
  afterTitle: 900
} as const

/** Titles above something, outermost first, and what they add to a segment. */
export interface TitlePath {
  readonly titles: ReadonlyArray<string>
  readonly size: number
}

export const noPath: TitlePath = { titles: [], size: 0 }

/** The part of an element that is not cut any further: mostly all of it. */
export interface Atom {
  readonly element: Element
  readonly start: number
  readonly end: number
  /** Of its own text, counted alone. */
  readonly tokens: number
  /** What it adds to a segment, in the unit of the settings. */
  readonly size: number
  readonly rank: number
  /** Of its text: decides between places of the same rank, wherever they stand in the document. */
  readonly hash: number
  readonly path: TitlePath
  /** A table's first row, to be repeated where a segment begins with a later one. */
  readonly header: Atom | null
}

/** Text of a part of an element, without white space around it; code keeps the indentation of its first line. */
export const textOf = (element: Element, start: number, end: number): string => {
  const text = element.text.slice(start, end)
  const trimmed = text.trim()
  if (element.kind !== "code" || trimmed === "") return trimmed
  const first = text.indexOf(trimmed[0]!)
  return text.slice(text.lastIndexOf("\n", first) + 1).trimEnd()
}

/** What is counted and compared of an atom. */
export const atomText = (atom: Atom): string => textOf(atom.element, atom.start, atom.end)

/** How good a place before an atom is, content included; less is better. */
export const keyOf = (atom: Atom): number => atom.rank * 2 ** 32 + atom.hash

/** Units of a text that its hash is made of. */
const seen = 512

/** FNV-1a over the beginning of a text, well mixed: 32 bits that stand for the content. */
export const contentHash = (text: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < Math.min(seen, text.length); i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  // The finaliser of MurmurHash3, public domain.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
