import type { Element } from "@sheaf/domain/documents/Element"
import { oneLine } from "@sheaf/domain/documents/cleanText"
import { languageOf } from "./codeBlock.ts"
import { isPlainList, listText } from "./lists.ts"
import { captionOf, isDataTable, rowsOf } from "./tables.ts"
import { altOf, attribute, type HtmlElement, isElement, isInvisible, type Node, textOf, visit } from "./tree.ts"

const inline = new Set([
  "a",
  "abbr",
  "acronym",
  "b",
  "bdi",
  "bdo",
  "big",
  "cite",
  "code",
  "data",
  "del",
  "dfn",
  "em",
  "font",
  "i",
  "ins",
  "kbd",
  "label",
  "mark",
  "nobr",
  "q",
  "ruby",
  "s",
  "samp",
  "small",
  "span",
  "strike",
  "strong",
  "sub",
  "sup",
  "time",
  "tt",
  "u",
  "var",
  "wbr",
  "img",
  "math",
  "output",
  "picture",
  "source"
])

/** A block, and where the pictures in it are to be had. */
export interface Block extends Element {
  readonly images?: ReadonlyArray<string>
}

export interface BlockOptions {
  /** Leaves out whole parts. */
  readonly skip?: (node: HtmlElement) => boolean
  /** Whether a picture can be had, by where it says that it is; none without this. */
  readonly hasImage?: (source: string) => boolean
  /** What somebody else is quoted with: its blocks begin with `> `. */
  readonly isQuote?: (node: HtmlElement) => boolean
}

/**
 * What stands below a node as blocks in reading order. A picture belongs to the block that it stands in; one that stands alone and says
 * nothing belongs to the block that follows, or else to the one before.
 */
export const blocksOf = (
  root: Node,
  { hasImage = () => false, isQuote = () => false, skip = () => false }: BlockOptions = {}
): ReadonlyArray<Block> => {
  const found: Array<Block> = []
  let run: Array<string> = []
  let images: Array<string> = []
  let quotes = 0
  /** Whether anything but what pictures say has been read since the last block. */
  let words = false
  const add = (kind: Element["kind"], text: string, extra: Partial<Element> = {}) => {
    if (text.trim() === "") return
    const marked = quotes > 0 && extra.rows === undefined ? `> ${text}` : text
    found.push({ kind, text: marked, boxes: [], ...extra, ...(images.length > 0 && { images }) })
    images = []
  }
  const see = (image: HtmlElement) => {
    const source = attribute(image, "src") ?? ""
    if (hasImage(source)) images.push(source)
  }
  const seeBelow = (node: HtmlElement) =>
    visit(node, {
      enter: (below) => {
        if (isElement(below) && below.tagName === "img") see(below)
        return "childNodes" in below && !(isElement(below) && isInvisible(below))
      }
    })
  const flush = () => {
    if (run.length > 0) add(words ? "paragraph" : "image", oneLine(run.join("")))
    run = []
    words = false
  }
  /** True when the node is dealt with as a whole. */
  const takeWhole = (node: HtmlElement): boolean => {
    switch (node.tagName) {
      case "h1":
      case "h2":
      case "h3":
      case "h4":
      case "h5":
      case "h6":
        flush()
        seeBelow(node)
        add("title", oneLine(textOf(node)), { level: Number(node.tagName[1]) })
        return true
      case "pre":
      case "listing":
      case "xmp":
        flush()
        add("code", textOf(node), languageOf(node))
        return true
      case "figcaption":
        flush()
        seeBelow(node)
        add("caption", oneLine(textOf(node)))
        return true
      case "ul":
      case "ol":
      case "menu":
      case "dl":
        if (!isPlainList(node)) return false
        flush()
        seeBelow(node)
        add("list", listText(node))
        return true
      case "table": {
        if (!isDataTable(node)) return false
        flush()
        add("caption", captionOf(node))
        seeBelow(node)
        const rows = rowsOf(node)
        add("table", rows.map((row) => row.join(" | ")).join("\n"), { rows })
        return true
      }
      default:
        return false
    }
  }
  let breaks = 0
  visit(root, {
    enter: (node) => {
      if (node.nodeName === "#text" && "value" in node) {
        if (node.value.trim() !== "") {
          breaks = 0
          words = true
        }
        run.push(node.value)
      }
      if (!isElement(node)) return "childNodes" in node
      if (node !== root && (isInvisible(node) || skip(node))) return false
      if (takeWhole(node)) return false
      if (node.tagName === "img") {
        see(node)
        run.push(altOf(node))
      }
      if (node.tagName === "br") {
        // Two in a row are how old pages begin a paragraph.
        if (++breaks > 1) flush()
        else run.push("\n")
      } else if (!inline.has(node.tagName)) flush()
      if (isQuote(node)) quotes++
      return true
    },
    leave: (node) => {
      if (!isElement(node)) return
      if (node.tagName !== "br" && !inline.has(node.tagName)) flush()
      if (isQuote(node)) quotes--
    }
  })
  flush()
  const last = found.at(-1)
  if (last === undefined || images.length === 0) return found
  return [...found.slice(0, -1), { ...last, images: [...last.images ?? [], ...images] }]
}
