import type { Element } from "@sheaf/domain/documents/Element"
import { oneLine } from "@sheaf/domain/documents/cleanText"
import { numeral } from "../opc/markers.ts"
import { mathText } from "../opc/mathText.ts"
import { child, childrenOf, elementsOf, textOf, type XmlElement } from "../xml/tree.ts"

type Block = Pick<Element, "kind" | "text">

/** Where a paragraph of a level gets its bullet from, nearest first: styles of lists, or of kinds of text. */
export type ListStyles = ReadonlyArray<XmlElement | undefined>

/** The paragraphs of a text: those with bullets or numbers are lists. */
export const bodyBlocks = function*(body: XmlElement | undefined, styles: ListStyles): Generator<Block> {
  let items: Array<string> = []
  const counts: Array<number> = []
  const list = function*(): Generator<Block> {
    if (items.length > 0) yield { kind: "list", text: items.join("\n") }
    items = []
  }
  for (const paragraph of childrenOf(body, "a:p")) {
    const text = oneLine(lineText(paragraph))
    if (text === "") continue
    const properties = child(paragraph, "a:pPr")
    const level = Math.min(Math.max(Math.trunc(Number(properties?.attributes.lvl ?? 0)) || 0, 0), 8)
    const bullet = bulletOf([properties, ...styles.map((style) => child(style, `a:lvl${level + 1}pPr`))])
    if (bullet === null) {
      yield* list()
      counts.length = 0
      yield { kind: "paragraph", text }
      continue
    }
    counts.length = level + 1
    counts[level] = bullet.name === "a:buAutoNum"
      ? (counts[level] ?? Number(bullet.attributes.startAt ?? 1) - 1) + 1
      : 0
    items.push(`${"  ".repeat(level)}${markerOf(bullet, counts[level])} ${text}`)
  }
  yield* list()
}

/** The nearest that says whether there is a bullet. */
const bulletOf = (chain: ReadonlyArray<XmlElement | undefined>): XmlElement | null => {
  for (const properties of chain) {
    for (const name of ["a:buNone", "a:buChar", "a:buAutoNum", "a:buBlip"]) {
      const found = child(properties, name)
      if (found !== undefined) return name === "a:buNone" ? null : found
    }
  }
  return null
}

/** `arabicPeriod`, `romanLcParenBoth` and so on. */
const markerOf = (bullet: XmlElement, count: number): string => {
  const type = bullet.name === "a:buAutoNum" ? bullet.attributes.type ?? "arabicPeriod" : ""
  if (type === "") return "-"
  const number = numeral(
    count,
    type.startsWith("alphaLc")
      ? "lowerLetter"
      : type.startsWith("alphaUc")
      ? "upperLetter"
      : type.startsWith("romanLc")
      ? "lowerRoman"
      : type.startsWith("romanUc")
      ? "upperRoman"
      : "decimal"
  )
  if (type.endsWith("ParenBoth")) return `(${number})`
  if (type.endsWith("ParenR")) return `${number})`
  return type.endsWith("Plain") ? number : `${number}.`
}

/** All text of a body in one line. */
export const flatText = (body: XmlElement | undefined): string =>
  oneLine(childrenOf(body, "a:p").map(lineText).join("\n"))

const lineText = (node: XmlElement): string =>
  elementsOf(node).map((below) => {
    switch (below.name) {
      case "a:t":
        return textOf(below)
      case "a:br":
        return "\n"
      case "a:fld":
        return below.attributes.type === "slidenum" ? "" : lineText(below)
      case "m:oMath":
        return ` ${mathText(below)} `
      case "mc:AlternateContent": {
        const form = child(below, "mc:Choice") ?? child(below, "mc:Fallback")
        return form === undefined ? "" : lineText(form)
      }
      case "a:pPr":
      case "a:rPr":
      case "a:endParaRPr":
        return ""
      default:
        return lineText(below)
    }
  }).join("")
