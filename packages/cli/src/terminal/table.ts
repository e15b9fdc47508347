import { pad } from "./style.ts"

/** Rows below a heading, in columns as wide as their widest cell; the last column is not filled up. */
export const table = (heading: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const all = [heading, ...rows]
  const widths = heading.map((_, column) => Math.max(...all.map((row) => pad(row[column] ?? "", 0).length)))
  return all.map((row) =>
    row.map((cell, column) => column === row.length - 1 ? cell : pad(cell, widths[column]!)).join("  ").trimEnd()
  ).join("\n")
}
