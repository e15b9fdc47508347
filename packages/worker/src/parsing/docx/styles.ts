import { child, childrenOf, type XmlElement } from "../xml/tree.ts"

export interface NumberingRef {
  readonly id: string
  readonly level: number
}

/** What a paragraph's style says of its place in the document. */
export interface Style {
  /** Lower case, in English whatever the language of the program was. */
  readonly name: string
  /** Depth of a heading from 1; null for text. */
  readonly level: number | null
  readonly numbering: NumberingRef | null
}

export interface Styles {
  readonly of: (id: string | undefined) => Style
}

const plain: Style = { name: "", level: null, numbering: null }

/** Chains of styles that are based on each other; longer ones are circles. */
const maxChain = 20

export const stylesOf = (root: XmlElement | null): Styles => {
  const found = new Map<string, XmlElement>()
  let usual = ""
  for (const style of childrenOf(root ?? undefined, "w:style")) {
    const { "w:default": byDefault, "w:styleId": id = "", "w:type": type } = style.attributes
    if (type !== "paragraph") continue
    found.set(id, style)
    if (byDefault === "1" || byDefault === "true") usual = id
  }
  const known = new Map<string, Style>()
  const resolve = (id: string, depth: number): Style => {
    const ready = known.get(id)
    if (ready !== undefined) return ready
    const style = found.get(id)
    if (style === undefined) return { ...plain, name: id.toLowerCase(), level: namedLevel(id.toLowerCase()) }
    const basedOn = child(style, "w:basedOn")?.attributes["w:val"]
    const base = basedOn === undefined || depth > maxChain ? plain : resolve(basedOn, depth + 1)
    const name = (child(style, "w:name")?.attributes["w:val"] ?? id).toLowerCase()
    const properties = child(style, "w:pPr")
    const result: Style = {
      name,
      level: namedLevel(name) ?? outlineLevel(properties, base.level),
      numbering: numberingOf(properties, base.numbering)
    }
    known.set(id, result)
    return result
  }
  return { of: (id) => resolve(id ?? usual, 0) }
}

const namedLevel = (name: string): number | null => {
  const heading = /^heading ?([1-9])$/.exec(name)
  return heading === null ? null : Number(heading[1])
}

/** The outline level that paragraph properties set, else what they inherit. 9 is the level of text. */
export const outlineLevel = (properties: XmlElement | undefined, inherited: number | null): number | null => {
  const level = Number(child(properties, "w:outlineLvl")?.attributes["w:val"] ?? Number.NaN)
  if (Number.isNaN(level)) return inherited
  return level >= 0 && level < 9 ? level + 1 : null
}

/** The list that paragraph properties name, else what they inherit. List 0 takes a paragraph out. */
export const numberingOf = (
  properties: XmlElement | undefined,
  inherited: NumberingRef | null
): NumberingRef | null => {
  const reference = child(properties, "w:numPr")
  if (reference === undefined) return inherited
  const id = child(reference, "w:numId")?.attributes["w:val"] ?? inherited?.id
  const level = Number(child(reference, "w:ilvl")?.attributes["w:val"] ?? inherited?.level ?? 0)
  return id === undefined || id === "0" ? null : { id, level: Math.min(Math.max(Math.trunc(level) || 0, 0), 8) }
}
