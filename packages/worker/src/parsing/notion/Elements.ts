import type { AssetRef, Element } from "@sheaf/domain/documents/Element"
import { TableParts } from "../tables/TableParts.ts"
import { roleOf } from "./blockText.ts"
import type { Line } from "./format.ts"
import { Lists } from "./Lists.ts"

type Block = Extract<Line, { readonly kind: "block" }>

interface Table {
  readonly depth: number
  readonly hasHeader: boolean
  parts: TableParts | undefined
}

/**
 * Blocks become elements as they come. Columns, copies and toggles leave what is in them in its place; a picture that says nothing belongs
 * to the element that follows, or else to the one before.
 */
export class Elements {
  readonly #lists = new Lists()
  #table: Table | undefined
  #waiting: Array<AssetRef> = []
  /** Held back: a picture at the end belongs to it. */
  #last: Element | undefined
  /** Types that are not known, and how many of each there were. */
  readonly unknown = new Map<string, number>()
  readonly missing = new Map<string, number>()

  #with(element: Element): Element {
    if (this.#waiting.length === 0) return element
    const assets = [...element.assets ?? [], ...this.#waiting]
    this.#waiting = []
    return { ...element, assets }
  }

  /** What is complete with this block. `asset` is the file that it shows. */
  *add({ content, depth, missing, type }: Block, asset?: AssetRef): Generator<Element> {
    if (missing !== undefined) count(this.missing, missing)
    const role = roleOf(type, content)
    if (this.#table !== undefined && (role.role !== "row" || depth <= this.#table.depth)) yield* this.#endTable()
    if (role.role === "item") {
      if (this.#lists.endsBefore(depth, role.list)) yield* this.#endList()
      return this.#lists.item(depth, role)
    }
    if (role.role === "numbered") {
      if (this.#lists.endsBefore(depth, "numbers", role.start !== undefined)) yield* this.#endList()
      return this.#lists.numbered(depth, role.start, role.text)
    }
    if (role.role === "nothing") {
      // What stands in two columns, or above and below a line, are two lists.
      if (this.#lists.holds(depth)) return
      yield* this.#endList()
      return this.#lists.interrupt(depth)
    }
    // A paragraph within an item goes on with it.
    if (role.role === "paragraph" && this.#lists.holds(depth)) return this.#lists.words(depth, role.text)
    yield* this.#endList()
    this.#lists.interrupt(depth)
    switch (role.role) {
      case "title":
        return yield* this.#give({ kind: "title", level: role.level, text: role.text, boxes: [] })
      case "paragraph":
        return yield* this.#give(paragraph(role.text))
      case "code":
        yield* this.#give(codeElement(role.text, role.language))
        return yield* this.#give({ kind: "caption", text: role.caption, boxes: [] })
      case "table":
        this.#table = { depth, hasHeader: role.hasHeader, parts: undefined }
        return
      case "row":
        return yield* this.#row(role.cells)
      case "file":
        if (asset !== undefined) this.#waiting.push(asset)
        return yield* this.#give({ kind: role.isPicture ? "image" : "paragraph", text: role.text, boxes: [] })
      case "unknown":
        count(this.unknown, role.type)
        return yield* this.#give(paragraph(role.text))
    }
  }

  /** What is left. */
  *end(): Generator<Element> {
    yield* this.#endTable()
    yield* this.#endList()
    if (this.#last !== undefined) yield this.#with(this.#last)
    else if (this.#waiting.length > 0) yield this.#with({ kind: "image", text: "Picture", boxes: [] })
    this.#last = undefined
  }

  *#row(cells: ReadonlyArray<string>): Generator<Element> {
    const table = this.#table
    // A row without a table says what it says.
    if (table === undefined) return yield* this.#give(paragraph(cells.join(" | ")))
    if (table.parts === undefined) {
      table.parts = new TableParts(table.hasHeader ? cells : [])
      if (table.hasHeader) return
    }
    for (const part of table.parts.add(cells)) yield* this.#give(tableOf(part))
  }

  *#endTable(): Generator<Element> {
    const parts = this.#table?.parts
    this.#table = undefined
    if (parts === undefined) return
    for (const part of parts.end()) yield* this.#give(tableOf(part))
  }

  *#endList(): Generator<Element> {
    for (const list of this.#lists.end()) yield* this.#give(list)
  }

  *#give(element: Element): Generator<Element> {
    if (element.text.trim() === "" && element.rows === undefined) return
    if (this.#last !== undefined) yield this.#last
    this.#last = this.#with(element)
  }
}

const paragraph = (text: string): Element => ({ kind: "paragraph", text, boxes: [] })

const codeElement = (text: string, language: string | undefined): Element => ({
  kind: "code",
  text,
  ...(language !== undefined && { language }),
  boxes: []
})

/** A table without a header comes with an empty first row. */
const tableOf = (element: Element): Element =>
  element.rows?.[0]?.length === 0 ? { ...element, rows: element.rows.slice(1) } : element

const count = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
