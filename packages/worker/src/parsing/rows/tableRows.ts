import { findColumns } from "@sheaf/domain/imports/findColumns"
import { shownNames, valueOf } from "./values.ts"
import type { FilePart, RowsWish } from "./FilePart.ts"

export interface TableRow {
  readonly number: number
  /** Empty where there is none. */
  readonly cells: ReadonlyArray<string>
}

/** The rows of a table, of which the first may name the columns. Rows in which nothing stands are none. */
export const tableRows = async function*(
  rows: AsyncIterable<TableRow>,
  { fields, reading }: RowsWish
): AsyncGenerator<FilePart> {
  let at: ReadonlyArray<number | null> | null = null
  for await (const { cells, number } of rows) {
    if (cells.every((cell) => cell.trim() === "")) continue
    if (at === null) {
      const found = findColumns(cells, fields, reading)
      at = found.at
      yield { columns: { names: shownNames(cells), count: cells.length, missing: found.missing } }
      if (found.missing !== null) return
      if (found.isHeader) continue
    }
    yield { row: { number, values: at.map((column) => column === null ? null : valueOf(cells[column])) } }
  }
}
