import { attribute, type HtmlElement, isElement, type Node, textOf as htmlText, visit } from "../html/tree.ts"
import { child, childrenOf, textOf, type XmlElement, xmlTree } from "../xml/tree.ts"
import type { Zip } from "../zip/openZip.ts"
import type { Book } from "./book.ts"
import { resolve } from "./paths.ts"
import { readDocument } from "./readDocument.ts"

/** What the table of contents calls a part of the book, and how deep it stands in it: 1 for the topmost. */
export interface Label {
  readonly text: string
  readonly depth: number
}

/** The first label of each entry. A book without a table of contents, or with a damaged one, has none. */
export const labelsOf = async (zip: Zip, book: Book): Promise<ReadonlyMap<string, Label>> => {
  const labels = new Map<string, Label>()
  const add = (from: string, reference: string | undefined, text: string, depth: number) => {
    const path = resolve(from, reference ?? "")
    const label = text.replace(/\s+/g, " ").trim()
    if (path !== null && label !== "" && !labels.has(path)) labels.set(path, { text: label, depth })
  }
  try {
    if (book.nav !== undefined) {
      const { path } = book.nav
      navLinks(
        await readDocument(zip, path),
        (link, depth) => add(path, attribute(link, "href"), htmlText(link), depth)
      )
    } else if (book.ncx !== undefined) {
      const { path } = book.ncx
      const root = await xmlTree(zip.stream(path))
      ncxPoints(
        child(root, "ncx:navMap"),
        1,
        (point, depth) =>
          add(path, child(point, "ncx:content")?.attributes["src"], textOf(child(point, "ncx:navLabel")), depth)
      )
    }
  } catch {
    // The text has headings of its own, mostly.
  }
  return labels
}

/** Links of the table of contents: those within `nav` that is one, or within all where none says so. */
const navLinks = (document: Node, found: (link: HtmlElement, depth: number) => void): void => {
  let lists = 0
  let others = 0
  const isOther = (node: HtmlElement) =>
    node.tagName === "nav" && !/\btoc\b/.test(attribute(node, "epub:type") ?? attribute(node, "role") ?? "toc")
  visit(document, {
    enter: (node) => {
      if (!isElement(node)) return "childNodes" in node
      if (node.tagName === "ol") lists++
      if (isOther(node)) others++
      if (node.tagName === "a" && others === 0) found(node, Math.max(1, lists))
      return true
    },
    leave: (node) => {
      if (!isElement(node)) return
      if (node.tagName === "ol") lists--
      if (isOther(node)) others--
    }
  })
}

const ncxPoints = (
  parent: XmlElement | undefined,
  depth: number,
  found: (point: XmlElement, depth: number) => void
): void => {
  for (const point of childrenOf(parent, "ncx:navPoint")) {
    found(point, depth)
    ncxPoints(point, depth + 1, found)
  }
}
