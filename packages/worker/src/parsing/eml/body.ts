import { parseFragment } from "parse5"
import type { Email } from "postal-mime"
import { type Block, blocksOf } from "../html/blocks.ts"
import { isDataImage } from "../html/images.ts"
import { attribute, type HtmlElement } from "../html/tree.ts"
import { textElements } from "@sheaf/domain/documents/textElements"

/**
 * What a mail says. Most are written twice, as text and as HTML: HTML is taken, which knows lists and tables, unless it says less than
 * half of what the text says.
 */
export const bodyOf = (email: Email, hasInline: (source: string) => boolean): ReadonlyArray<Block> => {
  const text = email.text ?? ""
  if (email.html === undefined) return textBlocks(text)
  const blocks = blocksOf(parseFragment(email.html), {
    isQuote,
    hasImage: (source) => hasInline(source) || isDataImage(source)
  })
  const length = blocks.reduce((sum, block) => sum + block.text.length, 0)
  return length * 2 < text.replace(/\s+/g, " ").trim().length ? textBlocks(text) : blocks
}

const isQuote = (node: HtmlElement): boolean =>
  node.tagName === "blockquote" ||
  /(?:^|\s)(?:gmail_quote|yahoo_quoted|moz-cite)\b/.test(attribute(node, "class") ?? "")

const quoted = /^[ \t]*>/

/** Paragraphs and lists; lines that begin with `>` are what others have written. */
const textBlocks = (text: string): ReadonlyArray<Block> => {
  const found: Array<Block> = []
  let run: Array<string> = []
  let inQuote = false
  const flush = () => {
    for (const block of textElements(run.join("\n"))) {
      found.push(inQuote ? { ...block, text: `> ${block.text.trim()}` } : block)
    }
    run = []
  }
  for (const line of text.split(/\r\n?|\n/)) {
    const isQuoted = quoted.test(line)
    // An empty line ends no quotation: what follows says whether it goes on.
    if (isQuoted !== inQuote && line.trim() !== "") {
      flush()
      inQuote = isQuoted
    }
    run.push(isQuoted ? line.replace(/^(?:[ \t]*>)+[ \t]?/, "") : line)
  }
  flush()
  return found
}
