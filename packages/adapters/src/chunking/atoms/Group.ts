import type { AssetRef, Box } from "@sheaf/domain/documents/Element"
import { type Atom, atomText, textOf } from "./Atom.ts"

/** Atoms that become one segment, and what is repeated in it. */
export interface Group {
  readonly atoms: ReadonlyArray<Atom>
  /** Titles that stand above all of it. */
  readonly headingPath: ReadonlyArray<string>
  /** The end of the segment before, repeated. */
  readonly overlap: ReadonlyArray<Atom>
  readonly hasHeader: boolean
}

/** Parts of one element that follow each other. */
interface Stretch {
  readonly element: Atom["element"]
  readonly start: number
  end: number
}

const stretches = (atoms: ReadonlyArray<Atom>): ReadonlyArray<Stretch> => {
  const found: Array<Stretch> = []
  for (const { element, end, start } of atoms) {
    const last = found.at(-1)
    if (last?.element === element && last.end === start) last.end = end
    else found.push({ element, start, end })
  }
  return found
}

/** The segment's text: blocks joined by blank lines, parts of one block as they stood. */
export const groupText = ({ atoms, hasHeader, overlap }: Group): string => {
  const body = stretches([...overlap, ...atoms]).map(({ element, end, start }) => textOf(element, start, end)).join(
    "\n\n"
  )
  const header = hasHeader ? atoms[0]?.header ?? null : null
  return header === null ? body : `${atomText(header)}\n${body}`
}

const lineOf = (text: string, position: number): number => {
  let line = 0
  for (let at = text.indexOf("\n"); at >= 0 && at < position; at = text.indexOf("\n", at + 1)) line++
  return line
}

/** Boxes of what is in the segment, each once, in order of pages: of a cut element those of its lines if there is one a line. */
export const groupBoxes = ({ atoms }: Group): ReadonlyArray<Box> => {
  const boxes = new Map<string, Box>()
  for (const { element, end, start } of stretches(atoms)) {
    for (const box of boxesOf(element, start, end)) {
      boxes.set(`${box.page} ${box.x0} ${box.y0} ${box.x1} ${box.y1}`, box)
    }
  }
  return [...boxes.values()].sort((a, b) => a.page - b.page)
}

/** Assets of what is in the segment, each once; every part of a cut element has them all. What is repeated brings none. */
export const groupAssets = ({ atoms }: Group): ReadonlyArray<AssetRef> => {
  const assets = new Map<string, AssetRef>()
  for (const { element } of stretches(atoms)) {
    for (const asset of element.assets ?? []) assets.set(`${asset.role} ${asset.hash}`, asset)
  }
  return [...assets.values()]
}

const boxesOf = (element: Atom["element"], start: number, end: number): ReadonlyArray<Box> => {
  const { boxes, text } = element
  if (boxes.length < 2 || (start === 0 && end === text.length)) return boxes
  const hasOneEach = lineOf(text, text.length) + 1 === boxes.length
  return hasOneEach ? boxes.slice(lineOf(text, start), lineOf(text, end - 1) + 1) : boxes
}
