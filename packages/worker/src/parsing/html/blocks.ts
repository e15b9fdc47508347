import type { Element } from "@sheaf/domain/documents/Element"
import { oneLine } from "@sheaf/domain/documents/cleanText"
import { isPlainList, listText } from "./lists.ts"
import { captionOf, isDataTable, rowsOf } from "./tables.ts"
import { altOf, type HtmlElement, isElement, isInvisible, type Node, textOf, visit } from "./tree.ts"

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

/** What stands below a node as blocks in reading order; `skip` leaves out whole parts. */
export const blocksOf = (root: Node, skip: (node: HtmlElement) => boolean): ReadonlyArray<Element> => {
  const found: Array<Element> = []
  let run: Array<string> = []
  const add = (kind: Element["kind"], text: string, extra: Partial<Element> = {}) => {
    if (text.trim() !== "") found.push({ kind, text, boxes: [], ...extra })
  }
  const flush = () => {
    if (run.length > 0) add("paragraph", oneLine(run.join("")))
    run = []
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
        add("title", oneLine(textOf(node)), { level: Number(node.tagName[1]) })
        return true
      case "pre":
      case "listing":
      case "xmp":
        flush()
        add("code", textOf(node))
        return true
      case "figcaption":
        flush()
        add("caption", oneLine(textOf(node)))
        return true
      case "ul":
      case "ol":
      case "menu":
      case "dl":
        if (!isPlainList(node)) return false
        flush()
        add("list", listText(node))
        return true
      case "table": {
        if (!isDataTable(node)) return false
        flush()
        add("caption", captionOf(node))
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
        if (node.value.trim() !== "") breaks = 0
        run.push(node.value)
      }
      if (!isElement(node)) return "childNodes" in node
      if (node !== root && (isInvisible(node) || skip(node))) return false
      if (takeWhole(node)) return false
      if (node.tagName === "img") run.push(altOf(node))
      if (node.tagName === "br") {
        // Two in a row are how old pages begin a paragraph.
        if (++breaks > 1) flush()
        else run.push("\n")
      } else if (!inline.has(node.tagName)) flush()
      return true
    },
    leave: (node) => {
      if (isElement(node) && node.tagName !== "br" && !inline.has(node.tagName)) flush()
    }
  })
  flush()
  return found
}
