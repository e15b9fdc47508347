import type { Element } from "@sheaf/domain/documents/Element"
import { isHeader } from "../csv/dialect.ts"
import { type Row, TableParts } from "../tables/TableParts.ts"
import type { Cell, SheetRow } from "./readRows.ts"

/** Rows of a block that are looked at before anything is said of its columns. */
const previewRows = 300
const previewCells = 60_000

/** Rows above the header that may belong to it. */
const maxAbove = 4

type Columns = ReadonlyArray<number>

/**
 * Finds the tables of a sheet while its rows come: an empty row ends one, and an empty column between two tables that each have a header
 * parts them. Lines of one cell above a table, and blocks of single cells, are text. Of a long table only its beginning is held.
 */
export class Regions {
  #rows: Array<SheetRow> = []
  #cells = 0
  #last = 0
  /** The tables of the block at hand, once its beginning has been seen. */
  #open: ReadonlyArray<{ readonly columns: Columns; readonly parts: TableParts }> | null = null
  /** All columns of the open tables. */
  #known: ReadonlySet<number> = new Set()

  #take(): ReadonlyArray<SheetRow> {
    const rows = this.#rows
    this.#rows = []
    this.#cells = 0
    return rows
  }

  *add(row: SheetRow): Generator<Element> {
    const gap = row.number - this.#last - 1
    this.#last = row.number
    if (gap > 0 && !(gap === 1 && this.#open === null && goesOnBelow(this.#rows, row))) yield* this.end()
    if (this.#open !== null) {
      if (row.cells.every(({ column }) => this.#known.has(column))) return yield* this.#more(row)
      // Columns that nobody has seen: something else begins.
      yield* this.end()
    }
    this.#rows.push(row)
    this.#cells += row.cells.length
    if (this.#rows.length >= previewRows || this.#cells >= previewCells) yield* this.#begin()
  }

  *end(): Generator<Element> {
    if (this.#open === null) yield* this.#begin()
    for (const { parts } of this.#open ?? []) yield* parts.end()
    this.#open = null
  }

  *#more(row: SheetRow): Generator<Element> {
    for (const { columns, parts } of this.#open ?? []) {
      const cells = cellsIn(row, columns)
      if (cells.some((cell) => cell !== "")) yield* parts.add(cells)
    }
  }

  *#begin(): Generator<Element> {
    const rows = this.#take()
    if (rows.length === 0) return
    const opened = []
    for (const columns of groupsOf(rows)) {
      const own = rows.map((row) => cellsIn(row, columns)).filter((cells) => cells.some((cell) => cell !== ""))
      if (columns.length === 1 && own.length < 3) {
        for (const [cell = ""] of own) yield { kind: "paragraph" as const, text: cell, boxes: [] }
        // What follows in this column is a table as far as anybody knows.
        opened.push({ columns, parts: new TableParts([]) })
        continue
      }
      const { above, header, below } = layoutOf(own)
      for (const line of above) yield { kind: "paragraph" as const, text: line, boxes: [] }
      const parts = new TableParts(header)
      for (const row of below) yield* parts.add(row)
      if (below.length === 0 && header.length > 0) {
        yield { kind: "table" as const, text: "", rows: [header], boxes: [] }
      }
      opened.push({ columns, parts })
    }
    this.#open = opened
    this.#known = new Set(opened.flatMap(({ columns }) => columns))
  }
}

const isNumber = ({ text }: Cell): boolean => /^[\s(+-]*[^\p{L}\s]?\d[\d.,\s]*%?\)?$/u.test(text)

/** Years name columns as often as they are values. */
const isYear = ({ text }: Cell): boolean => /^\s*(?:19|20)\d\d\s*$/.test(text)

/** Whether what stands so far is a header alone, and the row below the gap is the first of its numbers. */
const goesOnBelow = (rows: ReadonlyArray<SheetRow>, row: SheetRow): boolean => {
  const columns = new Set(rows.flatMap(({ cells }) => cells.map(({ column }) => column)))
  return rows.length > 0 && rows.length < maxAbove && columns.size > 2 &&
    rows.some(({ cells }) => cells.length > 2) &&
    !rows.some(({ cells }) => cells.some((cell) => isNumber(cell) && !isYear(cell))) &&
    row.cells.length > 1 && row.cells.some(isNumber)
}

const cellsIn = ({ cells }: SheetRow, columns: Columns): Row => {
  const texts = new Map(cells.map(({ column, text }) => [column, text.trim()]))
  return columns.map((column) => texts.get(column) ?? "")
}

/** The columns of the tables that stand beside each other. */
const groupsOf = (rows: ReadonlyArray<SheetRow>): ReadonlyArray<Columns> => {
  const used = [...new Set(rows.flatMap(({ cells }) => cells.map(({ column }) => column)))].sort((a, b) => a - b)
  const runs: Array<Array<number>> = []
  for (const column of used) {
    if (runs.at(-1)?.at(-1) === column - 1) runs.at(-1)!.push(column)
    else runs.push([column])
  }
  // A narrow column parts what belongs together as often as not: each side must look like a table.
  return runs.length > 1 && runs.every((columns) => columns.length > 1 && hasHeader(rows, columns)) ? runs : [used]
}

const hasHeader = (rows: ReadonlyArray<SheetRow>, columns: Columns): boolean => {
  const own = rows.map((row) => cellsIn(row, columns)).filter((row) => row.some((cell) => cell !== ""))
  const top = own.find((row) => row.filter((cell) => cell !== "").length > 1)
  return own.length > 1 && top !== undefined && isHeader(top)
}

interface Layout {
  readonly above: ReadonlyArray<string>
  readonly header: Row
  readonly below: ReadonlyArray<Row>
}

/** Lines of text above a table, the row that names its columns if there is one, and the rest. */
const layoutOf = (rows: ReadonlyArray<Row>): Layout => {
  const filled = (row: Row) => row.filter((cell) => cell !== "").length
  const wide = rows.some((row) => filled(row) > 1)
  const start = wide ? Math.max(0, rows.findIndex((row) => filled(row) > 1)) : 0
  const near = rows.slice(start, start + maxAbove)
  const named = near.findIndex((row) => isHeader(row))
  // A row that names half of the columns or fewer stands above the one that names them.
  const full = near.findIndex((row) => isHeader(row) && filled(row) * 2 > row.length)
  const found = full >= 0 ? full : named
  const isNamed = found >= 0 && rows.length > start + found + 1
  const from = isNamed ? start + found : start
  const above = rows.slice(0, from).map((row) => row.filter((cell) => cell !== "").join(" "))
  return isNamed
    ? { above, header: rows[from]!, below: rows.slice(from + 1) }
    : { above, header: [], below: rows.slice(from) }
}
