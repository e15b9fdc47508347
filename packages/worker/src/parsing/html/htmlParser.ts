import { parse } from "parse5"
import { oneLine } from "@sheaf/domain/documents/cleanText"
import { readText } from "../detect/readText.ts"
import type { Parser } from "../Parser.ts"
import { type Block, blocksOf } from "./blocks.ts"
import { contentRoot, isAside, measure } from "./content.ts"
import { withoutElsewhere } from "./elsewhere.ts"
import { isDataImage, openDataImage, withImages } from "./images.ts"
import { densest, proseOf } from "./prose.ts"
import { isElement, type Node, textOf, visit } from "./tree.ts"

/** Web pages: what the page is about, without what stands around it. */
export const htmlParser: Parser = {
  inspect: async ({ mediaType }) => ({ mediaType, pages: 0 }),
  parse: async function*({ path }, _range, output) {
    yield* withImages(htmlBlocks(await readText(path)), output, openDataImage)
  }
}

/** All of a page. */
export const pageBlocks = (html: string): ReadonlyArray<Block> => blocksOf(parse(html), { hasImage: isDataImage })

/** The main content of a page. */
export const htmlBlocks = (html: string): ReadonlyArray<Block> => {
  const document = parse(html)
  const measured = measure(document)
  const skip = isAside(document, measured)
  const root = contentRoot(document, measured)
  const chosen = withoutElsewhere(blocksOf(densest(root, proseOf(root, skip)), {
    skip,
    hasImage: isDataImage
  }))
  // A page that consists of links alone would lose everything: then it is taken as it is.
  const blocks = length(chosen) < 200 ? pageBlocks(html) : chosen
  if (blocks.some((block) => block.kind === "title" && block.level === 1)) return blocks
  const title = titleOf(document)
  return title === "" ? blocks : [{ kind: "title", level: 1, text: title, boxes: [] }, ...blocks]
}

const length = (blocks: ReadonlyArray<Block>): number => blocks.reduce((sum, block) => sum + block.text.length, 0)

/** The heading that the page's title repeats, mostly with the name of the site behind it; else the title itself. */
const titleOf = (document: Node): string => {
  let title = ""
  const headings: Array<string> = []
  visit(document, {
    enter: (node) => {
      if (!isElement(node)) return "childNodes" in node
      if (title === "" && node.tagName === "title" && node.namespaceURI.endsWith("/xhtml")) {
        title = oneLine(textOf(node))
      }
      if (node.tagName === "h1") headings.push(oneLine(textOf(node)))
      return node.tagName !== "title"
    }
  })
  return headings.find((heading) => heading.length > 3 && title.includes(heading)) ?? title
}
