import { oneLine } from "@sheaf/domain/documents/cleanText"
import { attribute, type HtmlElement, isElement, textOf, visit } from "./tree.ts"

const layoutSigns = new Set(["table", "h1", "h2", "h3", "h4", "pre", "article", "section", "form"])

/** Rows of data, as opposed to a table that only places things on the page. */
export const isDataTable = (table: HtmlElement): boolean => {
  if (/^(?:presentation|none)$/.test(attribute(table, "role") ?? "")) return false
  let nested = false
  let widest = 0
  let width = 0
  visit(table, {
    enter: (node) => {
      if (!isElement(node) || nested) return !nested && "childNodes" in node
      if (node !== table && layoutSigns.has(node.tagName)) nested = true
      if (node.tagName === "tr") width = 0
      if (node.tagName === "td" || node.tagName === "th") widest = Math.max(widest, ++width)
      return !nested
    }
  })
  return !nested && widest > 1
}

/** The cells row by row; a cell over several columns leaves the others empty, so that columns stay columns. */
export const rowsOf = (table: HtmlElement): ReadonlyArray<ReadonlyArray<string>> => {
  const rows: Array<Array<string>> = []
  visit(table, {
    enter: (node) => {
      if (!isElement(node)) return "childNodes" in node
      if (node.tagName === "caption") return false
      if (node.tagName === "tr") rows.push([])
      if (node.tagName !== "td" && node.tagName !== "th") return true
      const row = rows.at(-1)
      const span = Math.min(Math.max(Number.parseInt(attribute(node, "colspan") ?? "1", 10) || 1, 1), 50)
      row?.push(oneLine(textOf(node)), ...Array.from({ length: span - 1 }, () => ""))
      return false
    }
  })
  return rows.filter((row) => row.some((cell) => cell !== ""))
}

export const captionOf = (table: HtmlElement): string => {
  const caption = table.childNodes.find((node) => node.nodeName === "caption")
  return caption === undefined ? "" : oneLine(textOf(caption))
}
