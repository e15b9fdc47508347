import { fieldOf, isMetadata, type TableColumn } from "@sheaf/domain/datasets/TableColumn"
import { fitsType } from "@sheaf/domain/documents/fields"
import type { Metadata, MetadataValue } from "@sheaf/domain/documents/Metadata"

/** Longest text of a field. */
const mostUnits = 2_000

const words = new Map([["true", true], ["yes", true], ["1", true], ["false", false], ["no", false], ["0", false]])

/** A cell as what its column says it is; `undefined`: it is none. */
const valueOf = (cell: string, type: TableColumn["type"] = "string"): MetadataValue | undefined => {
  switch (type) {
    case "string":
      return cell.length <= mostUnits ? cell : undefined
    case "number": {
      const value = Number(cell.replaceAll(/\s/g, ""))
      return Number.isFinite(value) ? value : undefined
    }
    case "boolean":
      return words.get(cell.toLowerCase())
    case "time":
      return fitsType("time", cell) ? cell : undefined
  }
}

/** What a row is found by: a line a column, the name before the cell. */
export const contentOf = (row: ReadonlyArray<string>, columns: ReadonlyArray<TableColumn | null>): string =>
  columns.flatMap((column, at) => {
    const cell = row[at]?.trim().replaceAll(/\s*\n\s*/g, " ") ?? ""
    if (cell === "" || column === null || column.role === "metadata" || column.role === "none") return []
    return [column.name === "" ? cell : `${column.name}: ${cell}`]
  }).join("\n")

/** The cells of a row that are fields; `problem` hears of those that are not what they should be. */
export const fieldsOf = (
  row: ReadonlyArray<string>,
  columns: ReadonlyArray<TableColumn | null>,
  problem: (detail: string) => void
): Metadata => {
  const entries = columns.flatMap((column, at): ReadonlyArray<readonly [string, MetadataValue]> => {
    const cell = row[at]?.trim() ?? ""
    if (column === null || !isMetadata(column) || cell === "") return []
    const value = valueOf(cell, column.type)
    if (value !== undefined) return [[fieldOf(column), value]]
    problem(
      `${JSON.stringify(cell.slice(0, 40))} in the column ${JSON.stringify(column.name)} is no ${
        column.type ?? "text of up to 2,000 characters"
      }`
    )
    return []
  })
  return Object.fromEntries(entries)
}
