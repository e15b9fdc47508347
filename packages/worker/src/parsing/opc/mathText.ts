import { child, childrenOf, elementsOf, textOf, type XmlElement } from "../xml/tree.ts"

/** An equation in one line, as one would type it: `x=(-b±√(b^2-4ac))/(2a)`. (Office Math, ISO/IEC 29500-1, 22.1.) */
export const mathText = (node: XmlElement): string => {
  const part = (name: string) => content(child(node, name))
  switch (node.name) {
    case "m:t":
      return textOf(node)
    case "m:f":
      return `${grouped(part("m:num"))}/${grouped(part("m:den"))}`
    case "m:sSup":
      return `${part("m:e")}^${grouped(part("m:sup"))}`
    case "m:sSub":
      return `${part("m:e")}_${grouped(part("m:sub"))}`
    case "m:sSubSup":
      return `${part("m:e")}_${grouped(part("m:sub"))}^${grouped(part("m:sup"))}`
    case "m:rad": {
      const degree = part("m:deg")
      return degree === "" ? `√(${part("m:e")})` : `root(${degree}, ${part("m:e")})`
    }
    case "m:d": {
      const property = (name: string, usual: string) => child(child(node, "m:dPr"), name)?.attributes["m:val"] ?? usual
      const inner = childrenOf(node, "m:e").map(content).join(property("m:sepChr", "|"))
      return `${property("m:begChr", "(")}${inner}${property("m:endChr", ")")}`
    }
    case "m:nary": {
      const sign = child(child(node, "m:naryPr"), "m:chr")?.attributes["m:val"] ?? "∫"
      const limits = [["_", part("m:sub")], ["^", part("m:sup")]].filter(([, text]) => text !== "")
      return `${sign}${limits.map(([mark, text]) => `${mark}${grouped(text!)}`).join("")} ${part("m:e")}`
    }
    case "m:limLow":
      return `${part("m:e")}_${grouped(part("m:lim"))}`
    case "m:limUpp":
      return `${part("m:e")}^${grouped(part("m:lim"))}`
    case "m:func":
      return `${part("m:fName")} ${part("m:e")}`
    case "m:m":
      return `[${childrenOf(node, "m:mr").map((row) => childrenOf(row, "m:e").map(content).join(", ")).join("; ")}]`
    case "m:eqArr":
      return childrenOf(node, "m:e").map(content).join("; ")
    default:
      return content(node)
  }
}

const content = (node: XmlElement | undefined): string =>
  node === undefined ? "" : elementsOf(node).filter(({ name }) => !name.endsWith("Pr")).map(mathText).join("")

const grouped = (text: string): string => /^(?:[\p{L}\p{N}.]|\p{N}+)?$/u.test(text) ? text : `(${text})`
