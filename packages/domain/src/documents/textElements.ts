import type { Element } from "./Element.ts"

/** A block of text without markup, as it is; null where there is no word in it. `lined`: lines are kept as they are, as in code and data. */
export const textElement = (block: string, lined = false): Element | null => {
  if (block.trim() === "") return null
  if (lined) return { kind: "code", text: block, boxes: [] }
  const lines = block.trim().split("\n")
  const items = lines.filter((line) => item.test(line)).length
  if (items > 1 && item.test(lines[0]!) && items * 3 >= lines.length) {
    return { kind: "list", text: joinItems(lines), boxes: [] }
  }
  return { kind: "paragraph", text: block, boxes: [] }
}

/** Blocks of a text without markup: paragraphs and lists between blank lines. Line ends are line feeds. */
export const textElements = function*(text: string): Generator<Element> {
  for (const block of text.split(/\n[^\S\n]*\n/)) {
    const element = textElement(block)
    if (element !== null) yield element
  }
}

const item = /^\s*(?:[-*+•‣◦▪–]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+\S/i

/** One line per item: a line that starts none goes on with the one before. */
const joinItems = (lines: ReadonlyArray<string>): string =>
  lines.reduce((text, line) => {
    if (text === "") return line.trim()
    return item.test(line) ? `${text}\n${line.trimEnd()}` : `${text} ${line.trim()}`
  }, "")
