import { openPackage } from "../opc/openPackage.ts"
import { readRows } from "../xlsx/readRows.ts"
import { readWorkbook } from "../xlsx/workbook.ts"
import type { TableRow } from "./tableRows.ts"

/** The rows of the first sheet that is shown and has any, by the numbers that spreadsheets give them. */
export const sheetRows = async function*(path: string): AsyncGenerator<TableRow> {
  const source = await openPackage(path)
  try {
    // What is left out of a document (a damaged style) is nothing to a row.
    const workbook = await readWorkbook(source, { warn: () => {} })
    for (const { hidden, part } of workbook.sheets) {
      if (hidden) continue
      let any = false
      for await (const rows of readRows(source.stream(part), workbook)) {
        for (const { cells, number } of rows) {
          any = true
          const texts: Array<string> = Array.from({ length: (cells.at(-1)?.column ?? -1) + 1 }, () => "")
          for (const { column, text } of cells) texts[column] = text
          yield { number, cells: texts }
        }
      }
      if (any) return
    }
  } finally {
    source.close()
  }
}
