import type { Element } from "@sheaf/domain/documents/Element"
import { parse } from "parse5"
import { oneLine } from "@sheaf/domain/documents/cleanText"
import { readText } from "../detect/readText.ts"
import type { Parser } from "../Parser.ts"
import { blocksOf } from "./blocks.ts"
import { contentRoot, isAside, measure } from "./content.ts"
import { isElement, type Node, textOf, visit } from "./tree.ts"

/** Web pages: what the page is about, without what stands around it. */
export const htmlParser: Parser = {
  inspect: async ({ mediaType }) => ({ mediaType, pages: 0 }),
  parse: async function*({ path }) {
    yield* htmlElements(await readText(path))
  }
}

export const htmlElements = (html: string): ReadonlyArray<Element> => {
  const document = parse(html)
  const measured = measure(document)
  const all = () => blocksOf(document, () => false)
  const chosen = blocksOf(contentRoot(document, measured), isAside(document, measured))
  // A page that consists of links alone would lose everything: then it is taken as it is.
  const blocks = length(chosen) < 200 ? all() : chosen
  if (blocks.some((block) => block.kind === "title" && block.level === 1)) return blocks
  const title = titleOf(document)
  return title === "" ? blocks : [{ kind: "title", level: 1, text: title, boxes: [] }, ...blocks]
}

const length = (blocks: ReadonlyArray<Element>): number => blocks.reduce((sum, block) => sum + block.text.length, 0)

const titleOf = (document: Node): string => {
  let title = ""
  visit(document, {
    enter: (node) => {
      if (title === "" && isElement(node) && node.tagName === "title" && node.namespaceURI.endsWith("/xhtml")) {
        title = oneLine(textOf(node))
      }
      return title === "" && "childNodes" in node && node.nodeName !== "body"
    }
  })
  return title
}
