import { findColumns, type FoundColumns } from "@sheaf/domain/imports/findColumns"
import { looksLikeHeader } from "@sheaf/domain/imports/looksLikeHeader"
import { shownNames, valueOf } from "./values.ts"
import type { FilePart, FileRow, RowsWish } from "./FilePart.ts"

export interface TableRow {
  readonly number: number
  /** Empty where there is none. */
  readonly cells: ReadonlyArray<string>
}

/** Rows that are looked at to know whether a first row with none of the known names is a header all the same. */
const preview = 20

/** The rows of a table, of which the first may name the columns. Rows in which nothing stands are none. */
export const tableRows = async function*(
  rows: AsyncIterable<TableRow>,
  wish: RowsWish
): AsyncGenerator<FilePart> {
  const first: Array<TableRow> = []
  let at: FoundColumns["at"] | undefined
  for await (const row of rows) {
    if (row.cells.every((cell) => cell.trim() === "")) continue
    if (at !== undefined) {
      yield { row: rowOf(row, at) }
      continue
    }
    first.push(row)
    if (first.length <= preview && isUnsure(first[0]!, wish)) continue
    at = yield* begin(first, wish)
    if (at === undefined) return
  }
  if (at === undefined && first.length > 0) yield* begin(first, wish)
}

/** Nobody has said whether there is a header, and no name that is known does. */
const isUnsure = ({ cells }: TableRow, { fields, reading }: RowsWish): boolean =>
  reading.header === undefined && !findColumns(cells, fields, reading).isHeader

/** Answers where the fields stand; `undefined`: there is nothing to look for in what follows. */
const begin = function*(
  [head, ...below]: ReadonlyArray<TableRow>,
  wish: RowsWish
): Generator<FilePart, FoundColumns["at"] | undefined> {
  if (head === undefined) return undefined
  const { fields, reading } = wish
  // Its columns are named, but as nobody could know: better no import than one whose first row is a header.
  const isHeader = isUnsure(head, wish) && looksLikeHeader(head.cells, below.map(({ cells }) => cells))
  const found = findColumns(head.cells, fields, isHeader ? { ...reading, header: true } : reading)
  yield { columns: { names: shownNames(head.cells), count: head.cells.length, missing: found.missing } }
  if (found.missing !== null) return undefined
  for (const row of found.isHeader ? below : [head, ...below]) yield { row: rowOf(row, found.at) }
  return found.at
}

const rowOf = ({ cells, number }: TableRow, at: FoundColumns["at"]): FileRow => ({
  number,
  values: at.map((column) => column === null ? null : valueOf(cells[column]))
})
