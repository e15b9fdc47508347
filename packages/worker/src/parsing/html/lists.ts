import { oneLine } from "@sheaf/domain/documents/cleanText"
import { altOf, attribute, type HtmlElement, isElement, isInvisible, type Node, visit } from "./tree.ts"

const complex = new Set(["table", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "figure"])

/** A list of lines; one with headings, tables or code in it is rather a part of the page. */
export const isPlainList = (list: HtmlElement): boolean => {
  let plain = true
  visit(list, {
    enter: (node) => {
      if (isElement(node) && complex.has(node.tagName)) plain = false
      return plain && "childNodes" in node
    }
  })
  return plain
}

/** One line per item, with its bullet or number, indented by two spaces per level; terms stand before their definitions. */
export const listText = (list: HtmlElement): string => {
  const lines: Array<string> = []
  const open: Array<{ next: number | null }> = []
  let line = ""
  let marker = ""
  const flush = () => {
    const text = oneLine(line)
    if (text !== "") lines.push(`${"  ".repeat(Math.min(open.length - 1, 8))}${marker}${text}`)
    if (text !== "") marker = ""
    line = ""
  }
  visit(list, {
    enter: (node) => {
      if (!isElement(node)) {
        line += text(node)
        return false
      }
      if (isInvisible(node)) return false
      switch (node.tagName) {
        case "ul":
        case "ol":
        case "dl":
        case "menu": {
          if (open.length > 0) flush()
          open.push({ next: node.tagName === "ol" ? Number.parseInt(attribute(node, "start") ?? "1", 10) || 1 : null })
          break
        }
        case "li": {
          flush()
          const own = open.at(-1)!
          marker = own.next === null ? "- " : `${own.next++}. `
          break
        }
        case "dt": {
          flush()
          marker = "- "
          break
        }
        case "dd": {
          if (line.trim() !== "" && marker !== "") line = `${line.trim()}: `
          break
        }
        case "br":
        case "p":
        case "div":
          line += " "
          break
        case "img":
          line += altOf(node)
      }
      return true
    },
    leave: (node) => {
      if (!isElement(node) || !/^(?:ul|ol|dl|menu)$/.test(node.tagName)) return
      flush()
      open.pop()
    }
  })
  return lines.join("\n")
}

const text = (node: Node): string => node.nodeName === "#text" && "value" in node ? node.value : ""
