import type { Element } from "@sheaf/domain/documents/Element"

export type Row = ReadonlyArray<string>

/** Rows in one element, the header not counted. */
const maxRows = 50

/** Characters in one element's cells: below the length at which elements are cut, so that no part loses its header. */
const maxCharacters = 8_000

/** Characters of one cell; what goes on behind follows the table as text. */
const maxCell = 4_000

/**
 * Cuts rows that come one after another into tables of bounded size: each begins with the header as its first row, so that a part can be
 * understood by itself. A row too wide for one table is cut between columns. Nothing is left out.
 */
export class TableParts {
  readonly #header: Row
  #rows: Array<Row> = []
  #length = 0

  constructor(header: Row) {
    this.#header = header
  }

  /** The parts that are complete with this row. Cells that it lacks are empty. */
  *add(row: Row): Generator<Element> {
    const width = Math.max(row.length, this.#header.length)
    const long = row.map((cell, at) => ({ at, rest: cell.slice(cutOf(cell)) })).filter(({ rest }) => rest !== "")
    const cells = Array.from({ length: width }, (_, at) => (row[at] ?? "").slice(0, cutOf(row[at] ?? "")))
    const headerLength = lengthOf(this.#header)
    const length = lengthOf(cells)
    if (length + headerLength > maxCharacters) {
      yield* this.end()
      yield* acrossColumns(this.#header, cells)
    } else {
      if (this.#rows.length >= maxRows || this.#length + length + headerLength > maxCharacters) yield* this.end()
      this.#rows.push(cells)
      this.#length += length
    }
    if (long.length === 0) return
    yield* this.end()
    for (const { at, rest } of long) yield paragraph(`${this.#header[at] ?? ""}: … ${rest}`)
  }

  /** The part that is left. */
  *end(): Generator<Element> {
    if (this.#rows.length > 0) yield table([this.#header, ...this.#rows])
    this.#rows = []
    this.#length = 0
  }
}

/** One row as several tables beside each other. */
const acrossColumns = function*(header: Row, cells: Row): Generator<Element> {
  let from = 0
  let length = 0
  for (let at = 0; at < cells.length; at++) {
    const more = cells[at]!.length + Math.min(header[at]?.length ?? 0, maxCell) + 6
    if (length > 0 && length + more > maxCharacters) {
      yield table([header.slice(from, at), cells.slice(from, at)])
      from = at
      length = 0
    }
    length += more
  }
  yield table([header.slice(from), cells.slice(from)])
}

/** Where a cell ends within its table: before white space, if there is some, and never within a character. */
const cutOf = (cell: string): number => {
  if (cell.length <= maxCell) return cell.length
  const space = cell.slice(0, maxCell).search(/\s\S*$/)
  if (space > maxCell / 2) return space
  return (cell.charCodeAt(maxCell - 1) & 0xfc00) === 0xd800 ? maxCell - 1 : maxCell
}

const lengthOf = (row: Row): number => row.reduce((sum, cell) => sum + cell.length + 3, 0)

const table = (rows: ReadonlyArray<Row>): Element => ({ kind: "table", text: "", rows, boxes: [] })

const paragraph = (text: string): Element => ({ kind: "paragraph", text, boxes: [] })
