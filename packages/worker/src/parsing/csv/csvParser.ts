import type { Element } from "@sheaf/domain/documents/Element"
import { streamText } from "../detect/readText.ts"
import type { Parser } from "../Parser.ts"
import { type Row, TableParts } from "../tables/TableParts.ts"
import { isHeader } from "./dialect.ts"
import { readRows } from "./readRows.ts"

/** Rows that are looked at before anything is said of the table. */
const preview = 20

/**
 * Tables as text: cells between commas, semicolons, tabs or bars. Gives tables of bounded size, each with the header for its first row;
 * columns without names are numbered. Lines above the table become text.
 */
export const csvParser: Parser = {
  inspect: async ({ mediaType }) => ({ mediaType, pages: 0 }),
  parse: async function*({ mediaType, path }, _range, { warn }) {
    const rows = readRows(() => streamText(path), {
      fallback: mediaType === "text/tab-separated-values" ? "\t" : ",",
      warn: (detail) => warn({ page: null, detail })
    })
    const first: Array<Row> = []
    let parts: TableParts | null = null
    let width = 0
    let ragged = 0
    const begin = function*(): Generator<Element> {
      const { above, header, rows } = layoutOf(first)
      for (const text of above) yield { kind: "paragraph", text, boxes: [] }
      parts = new TableParts(header)
      width = header.length
      for (const row of rows) yield* next(parts, row)
    }
    const next = (parts: TableParts, row: Row) => {
      if (row.length !== width) ragged++
      return parts.add(row)
    }
    for await (const row of rows) {
      if (parts !== null) yield* next(parts, row)
      else if (first.push(row) === preview) yield* begin()
    }
    if (parts === null && first.length > 0) yield* begin()
    // The narrowing above does not see what the generator assigns.
    yield* (parts as TableParts | null)?.end() ?? []
    if (ragged > 0) {
      warn({
        page: null,
        detail: `${ragged} rows have more or fewer cells than there are columns: they were kept as they are`
      })
    }
  }
}

interface Layout {
  readonly above: ReadonlyArray<string>
  readonly header: Row
  readonly rows: ReadonlyArray<Row>
}

/** Where the table begins, and what its columns are called. */
const layoutOf = (first: ReadonlyArray<Row>): Layout => {
  const filled = first.map((row) => row.filter((cell) => cell.trim() !== "").length)
  const width = Math.max(...first.map((row) => row.length))
  // One cell above rows of several is a line of text that somebody has put there.
  const start = width > 1 ? Math.max(0, filled.findIndex((cells) => cells > 1)) : 0
  const above = first.slice(0, start).map((row) => row.filter((cell) => cell.trim() !== "").join(" "))
  const [top, ...others] = first.slice(start)
  if (top === undefined) return { above, header: [], rows: [] }
  return isHeader(top, others) && (others.length > 0 || width > 1)
    ? { above, header: top, rows: others }
    : { above, header: Array.from({ length: width }, (_, at) => `Column ${at + 1}`), rows: [top, ...others] }
}
