import { mathText } from "../opc/mathText.ts"
import type { Relationship } from "../opc/openPackage.ts"
import { usefulAlt } from "../opc/usefulAlt.ts"
import { child, elementsOf, textOf, type XmlElement } from "../xml/tree.ts"

export interface Picture {
  /** The part that holds it; null where it lies outside of the document, and is left there. */
  readonly part: string | null
  /** What it shows, in the author's words. */
  readonly alt: string
}

/** What a paragraph holds: its text, and what hangs on it. */
export interface Inline {
  readonly text: string
  /** Whether all of it is in a typewriter's font. */
  readonly mono: boolean
  readonly pictures: ReadonlyArray<Picture>
  /** Text boxes that are anchored here. */
  readonly boxes: ReadonlyArray<XmlElement>
  /** Charts and diagrams that are drawn here. */
  readonly graphics: ReadonlyArray<string>
  readonly footnotes: ReadonlyArray<string>
  readonly endnotes: ReadonlyArray<string>
}

export interface InlineContext {
  readonly relationships: ReadonlyMap<string, Relationship>
  /** How a reference to a note is written. */
  readonly mark: (kind: "footnote" | "endnote", id: string) => string
}

/** Not text of the document: properties, what was deleted, codes of fields, comments. */
const passedOver = new Set([
  "w:pPr",
  "w:rPr",
  "w:del",
  "w:moveFrom",
  "w:delText",
  "w:instrText",
  "w:delInstrText",
  "w:sdtPr",
  "w:rt",
  "w:rubyPr",
  "w:commentReference",
  "w:annotationRef"
])

export const readInline = (paragraph: XmlElement, context: InlineContext): Inline => {
  const parts: Array<string> = []
  const pictures: Array<Picture> = []
  const boxes: Array<XmlElement> = []
  const graphics: Array<string> = []
  const notes = { footnote: [] as Array<string>, endnote: [] as Array<string> }
  const fonts = { mono: 0, other: 0 }
  const partOf = (id: string | undefined): string | null => {
    const relationship = context.relationships.get(id ?? "")
    return relationship === undefined || relationship.external ? null : relationship.target
  }
  const note = (kind: "footnote" | "endnote", node: XmlElement) => {
    const id = node.attributes["w:id"] ?? ""
    notes[kind].push(id)
    parts.push(context.mark(kind, id))
  }
  const draw = (node: XmlElement, alt: string) => {
    for (const below of elementsOf(node)) {
      if (below.name === "mc:Fallback" && child(node, "mc:Choice") !== undefined) continue
      if (below.name === "w:txbxContent") boxes.push(below)
      else if (below.name === "a:blip") pictures.push({ part: partOf(below.attributes["r:embed"]), alt })
      else if (below.name === "v:imagedata") {
        pictures.push({ part: partOf(below.attributes["r:id"]), alt: alt || below.attributes["o:title"] || "" })
      } else if (below.name === "c:chart") addGraphic(below.attributes["r:id"])
      else if (below.name === "dgm:relIds") addGraphic(below.attributes["r:dm"])
      else draw(below, altOf(below) || alt)
    }
  }
  const addGraphic = (id: string | undefined) => {
    const part = partOf(id)
    if (part !== null) graphics.push(part)
  }
  const walk = (node: XmlElement): void => {
    for (const below of elementsOf(node)) {
      switch (below.name) {
        case "w:t":
          parts.push(textOf(below))
          break
        case "w:tab":
        case "w:ptab":
          parts.push("\t")
          break
        case "w:br":
        case "w:cr":
          parts.push("\n")
          break
        case "w:noBreakHyphen":
          parts.push("-")
          break
        case "w:sym":
          parts.push(symbol(below))
          break
        case "w:footnoteReference":
          note("footnote", below)
          break
        case "w:endnoteReference":
          note("endnote", below)
          break
        case "m:oMath":
          parts.push(` ${mathText(below)} `)
          break
        case "w:drawing":
        case "w:pict":
        case "w:object":
          draw(below, drawingAlt(below))
          break
        case "mc:AlternateContent": {
          // The same in two forms: what new programs draw, and for old ones.
          const form = child(below, "mc:Choice") ?? child(below, "mc:Fallback")
          if (form !== undefined) walk(form)
          break
        }
        case "w:r":
          if (isHidden(below)) break
          if (textOf(below).trim() !== "") fonts[isMono(below) ? "mono" : "other"]++
          walk(below)
          break
        default:
          if (!passedOver.has(below.name)) walk(below)
      }
    }
  }
  walk(paragraph)
  return {
    text: parts.join(""),
    mono: fonts.mono > 0 && fonts.other === 0,
    pictures,
    boxes,
    graphics,
    footnotes: notes.footnote,
    endnotes: notes.endnote
  }
}

const isHidden = (run: XmlElement): boolean => {
  const vanish = child(child(run, "w:rPr"), "w:vanish")
  return vanish !== undefined && !/^(?:0|false|off)$/.test(vanish.attributes["w:val"] ?? "")
}

const isMono = (run: XmlElement): boolean =>
  /courier|consolas|\bmono\b|menlo|monaco|lucida console|inconsolata|source code/i.test(
    child(child(run, "w:rPr"), "w:rFonts")?.attributes["w:ascii"] ?? ""
  )

/** A character of a font of symbols has no meaning without it; others are written as they are. */
const symbol = (node: XmlElement): string => {
  const code = Number.parseInt(node.attributes["w:char"] ?? "", 16)
  return Number.isNaN(code) || code < 0x20 || code >= 0xe000 ? "" : String.fromCodePoint(code)
}

/** In the drawing's frame for new ones, at the shape itself for old ones. */
const drawingAlt = (drawing: XmlElement): string => {
  for (const frame of elementsOf(drawing)) {
    const properties = child(frame, "wp:docPr")
    if (properties !== undefined) return descriptionOf(properties)
  }
  return ""
}

const altOf = (shape: XmlElement): string => shape.name.startsWith("v:") ? usefulAlt(shape.attributes.alt ?? "") : ""

const descriptionOf = ({ attributes }: XmlElement): string =>
  usefulAlt(attributes.descr ?? "") || usefulAlt(attributes.title ?? "")
