import type { Box, Element } from "@sheaf/domain/documents/Element"
import { type Block, type BlockOptions, toBlocks } from "./layout/blocks.ts"
import { toRegions } from "./layout/columns.ts"
import { type DocumentFacts } from "./facts.ts"
import { footnotesOf } from "./layout/footnotes.ts"
import { isFurniture, type NeighbourEdge, stamped } from "./layout/furniture.ts"
import { headingLevel } from "./layout/headings.ts"
import { toLines } from "./text/lines.ts"
import type { PageGroup, PdfPage } from "./pages.ts"
import { toFractions } from "./text/pageText.ts"
import { withRuledTables } from "./tables/ruledTables.ts"
import { isRightToLeft, joinLines } from "./text/runText.ts"
import type { Segment } from "./text/segments.ts"

export interface PageContext {
  readonly facts: DocumentFacts
  readonly neighbours: ReadonlyArray<NeighbourEdge>
  readonly isBold: (font: string) => boolean
}

/** What a page says, in reading order; notes at its foot stand by themselves. */
export interface PageParts {
  readonly flow: ReadonlyArray<Element>
  readonly notes: ReadonlyArray<Element>
}

export const pageElements = (page: PdfPage, context: PageContext): PageParts => {
  const found = page.groups.flatMap((group, at) => {
    const segments = at === 0
      ? withRuledTables(withoutFurniture(group, page, context), group, page.rules)
      : stamped.test(group.segments[0]?.text ?? "")
      ? []
      : group.segments
    const rtl = isRightToLeft(segments.slice(0, 60).map(({ text }) => text).join(" "))
    const options = { isBold: context.isBold, monoIsCode: !context.facts.monoBody, compounds: context.facts.compounds }
    const found: Array<Found> = []
    for (const region of toRegions(segments, group.height, rtl)) {
      for (const block of toBlocks(toLines(region), options)) {
        const element = toElement(block, page.page, group, context)
        addJoined(found, { element, size: block.size, title: element.kind === "title" }, options)
      }
    }
    return found
  })
  const notes = footnotesOf(found, context.facts.bodySize)
  const all = found.map(({ element }) => element)
  return { flow: all.filter((element) => !notes.has(element)), notes: all.filter((element) => notes.has(element)) }
}

interface Found {
  element: Element
  readonly size: number
  /** Set as titles are. */
  readonly title?: boolean
}

const withoutFurniture = (
  group: PageGroup,
  page: PdfPage,
  { facts, neighbours }: PageContext
): ReadonlyArray<Segment> => {
  const heights = page.edges.filter((line) => isFurniture(line, neighbours, facts.bodySize)).map(({ at }) => at)
  if (heights.length === 0) return group.segments
  return group.segments.filter(({ size, v }) => !heights.some((at) => Math.abs(at * group.height - v) <= 0.35 * size))
}

const caption = /^(?:fig(?:ure|\.)?|table|abbildung|tabelle|tableau|図|表)\s*[\dIVX]+(?:[.\d-]*)\s*[.:：—–-]?\s/iu

const toElement = (block: Block, page: number, group: PageGroup, { facts }: PageContext): Element => {
  const boxes: ReadonlyArray<Box> = [{ page, ...toFractions(group, block) }]
  const base = { text: block.text, boxes }
  if (block.kind === "table") return { ...base, kind: "table", rows: block.rows! }
  if (block.kind === "code") return { ...base, kind: "code" }
  const level = headingLevel(block, facts)
  if (level !== null) return { ...base, kind: "title", level }
  if (block.kind === "item") return { ...base, kind: "list" }
  return { ...base, kind: caption.test(block.text) ? "caption" : "paragraph" }
}

/** Items become one list, and a paragraph goes on in the next column, behind footnotes at the end of the first. */
const addJoined = (found: Array<Found>, next: Found, { compounds }: BlockOptions): void => {
  const last = found.at(-1)
  if (last !== undefined && isOneTitle(last, next)) {
    merge(last, next, (a, b) => joinLines(a, b, compounds))
    // So much is no title, however large it is set: names of authors, a notice.
    const { level: _, ...rest } = last.element
    if (last.element.text.length > maxTitle) last.element = { ...rest, kind: "paragraph" }
    return
  }
  if (last?.element.kind === "list" && next.element.kind === "list") return merge(last, next, (a, b) => `${a}\n${b}`)
  const before = found.findLast(({ element, size }) => size > 0.93 * next.size && element.kind !== "caption")
  const same = before !== undefined && Math.abs(before.size - next.size) < 0.07 * next.size
  if (same && goesOn(before.element, next.element)) merge(before, next, (a, b) => joinLines(a, b, compounds))
  else found.push(next)
}

/** Letters of a title over several lines. */
const maxTitle = 250
const numbered = /^(?:\d|[A-Z]\.|[IVX]+\.)/

/** Lines of one title: set alike, right below each other; or of a notice in such letters, once that it is no title is known. */
const isOneTitle = (last: Found, next: Found): boolean => {
  const [a, b] = [last.element, next.element]
  const [above, below] = [a.boxes.at(-1), b.boxes[0]]
  const goesOn = a.kind === "title" && a.level === b.level ||
    a.kind === "paragraph" && a.text.length > maxTitle && last.title === true
  if (!goesOn || b.kind !== "title" || above === undefined || below === undefined) return false
  const height = below.y1 - below.y0
  return Math.abs(last.size - next.size) < 0.04 * next.size && !numbered.test(b.text) && !/[.:]$/.test(a.text) &&
    Math.abs(below.y0 - above.y1) < 0.45 * height && Math.min(above.x1, below.x1) > Math.max(above.x0, below.x0)
}

const merge = (target: Found, { element }: Found, join: (first: string, second: string) => string): void => {
  const text = join(target.element.text, element.text)
  target.element = { ...target.element, text, boxes: joinBoxes(target.element.boxes, element.boxes) }
}

/** A sentence that breaks off, and one that begins in the middle. */
export const goesOn = (first: Element, second: Element): boolean =>
  (first.kind === "paragraph" || first.kind === "list") && second.kind === "paragraph" &&
  !/[.!?:;。！？：]["'”’)\]]?$/.test(first.text) && /^["'“‘(]?\p{Ll}/u.test(second.text)

/** One box for what stands in one column. */
const joinBoxes = (first: ReadonlyArray<Box>, second: ReadonlyArray<Box>): ReadonlyArray<Box> => {
  const last = first.at(-1)
  const next = second[0]
  if (last === undefined || next === undefined) return [...first, ...second]
  const sameColumn = last.page === next.page && next.y0 >= last.y0 - 0.005 && next.y0 - last.y1 < 0.05 &&
    Math.min(last.x1, next.x1) > Math.max(last.x0, next.x0)
  if (!sameColumn) return [...first, ...second]
  const box: Box = {
    page: last.page,
    x0: Math.min(last.x0, next.x0),
    y0: Math.min(last.y0, next.y0),
    x1: Math.max(last.x1, next.x1),
    y1: Math.max(last.y1, next.y1)
  }
  return [...first.slice(0, -1), box, ...second.slice(1)]
}
