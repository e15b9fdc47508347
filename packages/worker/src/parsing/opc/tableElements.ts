import type { Element } from "@sheaf/domain/documents/Element"
import { TableParts } from "../tables/TableParts.ts"

/** A table as one element, or a long one in parts that each begin with its first row. */
export const tableElements = function*(rows: ReadonlyArray<ReadonlyArray<string>>): Generator<Element> {
  const [header, ...others] = trimmed(rows)
  if (header === undefined) return
  if (others.length === 0) return yield { kind: "table", text: "", rows: [header], boxes: [] }
  const parts = new TableParts(header)
  for (const row of others) yield* parts.add(row)
  yield* parts.end()
}

/** Without rows and last columns in which nothing stands. */
const trimmed = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<ReadonlyArray<string>> => {
  const filled = rows.filter((row) => row.some((cell) => cell.trim() !== ""))
  const width = filled.reduce((widest, row) => Math.max(widest, row.findLastIndex((cell) => cell.trim() !== "") + 1), 0)
  return filled.map((row) => Array.from({ length: width }, (_, at) => row[at] ?? ""))
}
