import { oneLine } from "@sheaf/domain/documents/cleanText"
import type { Relationship } from "../opc/openPackage.ts"
import type { Block } from "../opc/Pictures.ts"
import { tableElements } from "../opc/tableElements.ts"
import { maxElementLength } from "../tidy.ts"
import { child, elementsOf, type XmlElement } from "../xml/tree.ts"
import { type Inline, readInline } from "./inline.ts"
import type { Notes } from "./Notes.ts"
import type { Numbering } from "./numbering.ts"
import { numberingOf, outlineLevel, type Style, type Styles } from "./styles.ts"
import { cellsOf, gridOf, rowsOf } from "./tables.ts"

export interface BlocksContext {
  readonly styles: Styles
  readonly numbering: Numbering
  readonly notes: Notes
  readonly relationships: ReadonlyMap<string, Relationship>
  /** Text of charts and diagrams, by their parts. */
  readonly graphics: ReadonlyMap<string, string>
  readonly warn: (detail: string) => void
}

/** A heading that is longer was styled by mistake. */
const maxHeading = 400

/** Made of the document's own headings: they are in it anyway. */
const isDirectory = ({ name }: Style): boolean => /^toc(?: \d| heading)$|^table of (?:figures|authorities)$/.test(name)

const isCode = ({ name }: Style): boolean => /\bcode\b|preformatted/.test(name)

/** What is gathered over several paragraphs: a list, or lines of code. */
interface Gathered {
  readonly kind: "list" | "code"
  readonly lines: Array<string>
  length: number
  readonly images: Array<string>
  readonly footnotes: Array<string>
}

/**
 * Makes blocks of a document's paragraphs and tables as they come, in their order. Footnotes follow the block that refers to them;
 * endnotes come at the end. A picture that says nothing belongs to the block that it stands in, or else to the one that follows.
 */
export class Blocks {
  readonly #context: BlocksContext
  #gathered: Gathered | null = null
  /** Pictures that wait for a block. */
  #images: Array<string> = []
  readonly #footnotes: Array<string> = []
  #endnotes: Array<string> = []
  readonly #told = new Set<XmlElement>()
  /** Text of a paragraph whose end was deleted: the next goes on with it. */
  #begun = ""
  #below = 0

  constructor(context: BlocksContext) {
    this.#context = context
  }

  *add(node: XmlElement): Generator<Block> {
    switch (node.name) {
      case "w:p":
        return yield* this.#paragraph(node)
      case "w:tbl":
        return yield* this.#table(node)
      case "w:altChunk":
        return this.#context.warn("a document of another format is embedded in it: that part was left out")
      case "mc:AlternateContent": {
        const form = child(node, "mc:Choice") ?? child(node, "mc:Fallback")
        return form === undefined ? undefined : yield* this.add(form)
      }
      case "mc:Choice":
      case "mc:Fallback":
      case "w:sdt":
      case "w:sdtContent":
      case "w:customXml":
      case "w:ins":
      case "w:moveTo":
        for (const below of elementsOf(node)) yield* this.add(below)
    }
  }

  *end(): Generator<Block> {
    yield* this.#flush()
    const endnotes = this.#endnotes
    this.#endnotes = []
    for (const id of endnotes) yield* this.#note("endnote", id)
    yield* this.#flush()
  }

  *#paragraph(node: XmlElement): Generator<Block> {
    const properties = child(node, "w:pPr")
    const style = this.#context.styles.of(child(properties, "w:pStyle")?.attributes["w:val"])
    const inline = this.#read(node)
    const text = this.#begun + inline.text
    this.#begun = ""
    if (child(child(properties, "w:rPr"), "w:del") !== undefined) {
      this.#begun = text
      return yield* this.#hanging(inline)
    }
    if (isDirectory(style)) return
    const numbering = numberingOf(properties, style.numbering)
    const marker = numbering === null ? "" : this.#context.numbering.next(numbering)
    if (text.trim() === "") return yield* this.#hanging(inline)
    const level = this.#levelOf(properties, style)
    if (level !== null && text.length <= maxHeading) {
      yield* this.#put({ kind: "title", level, text: `${marker === "-" ? "" : marker} ${text}`, boxes: [] })
    } else if (numbering !== null) {
      yield* this.#gather("list", `${"  ".repeat(numbering.level)}${marker} ${oneLine(text)}`)
    } else if (isCode(style) || inline.mono && this.#readsAsCode(text)) yield* this.#gather("code", text)
    else if (style.name === "caption") yield* this.#put({ kind: "caption", text, boxes: [] })
    else yield* this.#put({ kind: "paragraph", text, boxes: [] })
    yield* this.#hanging(inline)
  }

  /** Some write letters on a typewriter: what is code has signs of it, or stands below a line that has. */
  #readsAsCode(text: string): boolean {
    return this.#gathered?.kind === "code" || /[{}=;<>|$\\]|\w\(|^\s{2}\s*\S/.test(text)
  }

  /** A title stands above all headings. */
  #levelOf(properties: XmlElement | undefined, style: Style): number | null {
    if (style.name === "title") {
      this.#below = 1
      return 1
    }
    const level = outlineLevel(properties, style.level)
    return level === null ? null : level + this.#below
  }

  #read(node: XmlElement): Inline {
    const { notes, relationships } = this.#context
    const inline = readInline(node, { relationships, mark: (kind, id) => notes.mark(kind, id) })
    this.#footnotes.push(...inline.footnotes)
    this.#endnotes.push(...inline.endnotes)
    for (const { alt, part } of inline.pictures) {
      if (part !== null && alt === "") this.#images.push(part)
    }
    return inline
  }

  /** What hangs on a paragraph and is a block of its own. */
  *#hanging(inline: Inline): Generator<Block> {
    for (const { alt, part } of inline.pictures) {
      if (alt === "") continue
      if (part !== null) this.#images.push(part)
      yield* this.#put({ kind: "image", text: alt, boxes: [] })
    }
    for (const part of inline.graphics) {
      const text = this.#context.graphics.get(part) ?? ""
      if (text !== "") yield* this.#put({ kind: "paragraph", text, boxes: [] })
    }
    for (const box of inline.boxes) {
      for (const below of elementsOf(box)) yield* this.add(below)
    }
    yield* this.#notes(this.#footnotes.splice(0))
  }

  *#notes(ids: ReadonlyArray<string>): Generator<Block> {
    for (const id of ids) yield* this.#note("footnote", id)
  }

  *#note(kind: "footnote" | "endnote", id: string): Generator<Block> {
    const note = this.#context.notes.find(kind, id)
    // Told once, however often it is referred to; it may even refer to itself.
    if (note === undefined || this.#told.has(note)) return
    this.#told.add(note)
    const text = elementsOf(note).map((below) => this.#cellText(below)).join(" ").trim()
    if (text !== "") {
      yield* this.#put({ kind: "paragraph", text: `${this.#context.notes.mark(kind, id)} ${text}`, boxes: [] })
    }
  }

  *#table(table: XmlElement): Generator<Block> {
    const rows = rowsOf(table)
    yield* this.#flush()
    // A table of one column places things on the page.
    if (rows.every((row) => cellsOf(row).length < 2)) {
      for (const cell of rows.flatMap(cellsOf)) {
        for (const below of elementsOf(cell)) yield* this.add(below)
      }
      return yield* this.#flush()
    }
    const grid = gridOf(table, (cell) => elementsOf(cell).map((below) => this.#cellText(below)).join("\n").trim())
    for (const element of tableElements(grid)) yield* this.#put(element)
    yield* this.#notes(this.#footnotes.splice(0))
  }

  /** All that is said in a cell or a note, in one text; what a picture shows is said in its place. */
  #cellText(node: XmlElement): string {
    if (node.name === "w:p") {
      const inline = this.#read(node)
      const shown = inline.pictures.filter(({ alt }) => alt !== "")
      this.#images.push(...shown.flatMap(({ part }) => part ?? []))
      const boxes = inline.boxes.flatMap(elementsOf).map((below) => this.#cellText(below))
      return [inline.text, ...shown.map(({ alt }) => alt), ...boxes].filter((text) => text !== "").join(" ")
    }
    if (node.name === "w:tbl") return gridOf(node, (cell) => this.#cellText(cell)).flat().join(" ")
    return /^w:(?:tc|sdt|sdtContent|customXml|ins|moveTo)$/.test(node.name)
      ? elementsOf(node).map((below) => this.#cellText(below)).join("\n")
      : ""
  }

  *#gather(kind: Gathered["kind"], line: string): Generator<Block> {
    if (this.#gathered !== null && (this.#gathered.kind !== kind || this.#gathered.length > maxElementLength / 2)) {
      yield* this.#flush()
    }
    this.#gathered ??= { kind, lines: [], length: 0, images: [], footnotes: [] }
    this.#gathered.lines.push(line)
    this.#gathered.length += line.length + 1
    this.#gathered.images.push(...this.#images)
    this.#gathered.footnotes.push(...this.#footnotes.splice(0))
    this.#images = []
  }

  *#put(block: Block): Generator<Block> {
    yield* this.#flush()
    const images = this.#images
    this.#images = []
    yield images.length > 0 ? { ...block, images } : block
  }

  *#flush(): Generator<Block> {
    const gathered = this.#gathered
    if (gathered === null) return
    this.#gathered = null
    const { footnotes, images, kind, lines } = gathered
    yield { kind, text: lines.join("\n"), boxes: [], ...(images.length > 0 && { images }) }
    yield* this.#notes(footnotes)
  }
}
