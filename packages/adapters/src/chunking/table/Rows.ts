import { columnKey, type TableColumn, type TableColumns } from "@sheaf/domain/datasets/TableColumn"
import type { Element } from "@sheaf/domain/documents/Element"
import type { Metadata } from "@sheaf/domain/documents/Metadata"
import type { Warn } from "../Chunker.ts"
import { contentOf, fieldsOf } from "./cells.ts"

/** Makes an element of each row of a table, and remembers its fields. The first row names the columns. */
export class Rows {
  readonly #columns: TableColumns
  readonly #warn: Warn
  readonly #fields = new WeakMap<Element, Metadata>()
  #header = ""
  #row = 0
  #layout: ReadonlyArray<TableColumn | null> = []

  constructor(columns: TableColumns, warn: Warn) {
    this.#columns = columns
    this.#warn = warn
  }

  isRow(element: Element): boolean {
    return this.#fields.has(element)
  }

  fieldsOf(element: Element): Metadata | undefined {
    return this.#fields.get(element)
  }

  /** What is no table stays as it is. */
  *of(element: Element): Generator<Element> {
    const [header, ...rows] = element.rows ?? []
    if (header === undefined) {
      yield element
      return
    }
    this.#begin(header)
    for (const [at, row] of rows.entries()) {
      const made = this.#make(element, row, at + 1)
      if (made !== null) yield made
    }
  }

  /** A table that begins with the same row as the one before goes on with it. */
  #begin(header: ReadonlyArray<string>): void {
    const key = JSON.stringify(header)
    if (key === this.#header) return
    this.#header = key
    this.#row = 1
    const named = new Map(this.#columns.map((column) => [columnKey(column.name), column]))
    this.#layout = header.map((name) => named.get(columnKey(name)) ?? { name: name.trim() })
    const there = new Set(header.map(columnKey))
    for (const { name } of this.#columns) {
      if (there.has(columnKey(name))) continue
      this.#warn(`there is no column ${JSON.stringify(name)}; the table has: ${header.join(", ").slice(0, 400)}`)
    }
  }

  #make({ assets, boxes, rows = [] }: Element, row: ReadonlyArray<string>, at: number): Element | null {
    const place = `row ${++this.#row}`
    if (row.every((cell) => cell.trim() === "")) return null
    const text = contentOf(row, this.#layout)
    const fields = fieldsOf(row, this.#layout, (detail) => this.#warn(`${place}: ${detail}: the field was left out`))
    if (text === "") {
      this.#warn(`${place}: has nothing to be found by, and was left out`)
      return null
    }
    const element: Element = {
      kind: "list",
      text,
      boxes: boxes.length === rows.length ? boxes.slice(at, at + 1) : boxes,
      ...(assets !== undefined && { assets })
    }
    this.#fields.set(element, fields)
    return element
  }
}
