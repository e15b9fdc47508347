import { Marked } from "marked"
import { parseFragment } from "parse5"
import { readText } from "../detect/readText.ts"
import { type Block, blocksOf } from "../html/blocks.ts"
import { isDataImage, openDataImage, withImages } from "../html/images.ts"
import type { Parser } from "../Parser.ts"
import { textElements } from "@sheaf/domain/documents/textElements"
import { footnotes } from "./footnotes.ts"
import { frontMatter } from "./frontMatter.ts"

/**
 * Markdown (GitHub's flavour). It may hold any HTML, even elements that begin in one block and end in another, so it is taken the way
 * the format is defined: as the HTML that it stands for.
 */
export const markdownParser: Parser = {
  inspect: async ({ mediaType }) => ({ mediaType, pages: 0 }),
  parse: async function*({ path }, _range, output) {
    const { body, fields, title } = frontMatter(await readText(path))
    const blocks = markdownElements(body)
    if (blocks === null) {
      output.warn({ page: null, detail: "its Markdown is nested too deep: it was read as plain text" })
      yield* textElements(body)
      return
    }
    if (title !== "" && !blocks.some((block) => block.kind === "title" && block.level === 1)) {
      yield { kind: "title", level: 1, text: title, boxes: [] }
    }
    if (fields.length > 0) yield { kind: "list", text: fields.join("\n"), boxes: [] }
    yield* withImages(blocks, output, openDataImage)
  }
}

/** Null for a text nested so deep that the Markdown library runs out of stack. */
const markdownElements = (body: string): ReadonlyArray<Block> | null => {
  try {
    const html = new Marked({ gfm: true, async: false }, footnotes).parse(body, { async: false })
    return blocksOf(parseFragment(html), { hasImage: isDataImage })
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}
