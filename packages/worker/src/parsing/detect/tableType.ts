const commaNames = new Set(["csv"])
const tabNames = new Set(["tsv", "tab"])
/** Names that may hold a table as well as prose. */
const openNames = new Set(["", "txt", "text", "dat", "data"])

/** Lines that are looked at. */
const sample = 50

/**
 * Whether a text is a table of cells between commas, semicolons, bars or tabs. Its name is believed; without one every line that is
 * looked at must have the same cells, short ones, for prose has commas too.
 */
export const tableType = (text: string, extension: string, goesOn: boolean): string | null => {
  if (commaNames.has(extension)) return "text/csv"
  if (tabNames.has(extension)) return "text/tab-separated-values"
  if (!openNames.has(extension)) return null
  const all = text.split(/\r\n?|\n/, sample + 1)
  const lines = (goesOn || all.length > sample ? all.slice(0, -1) : all).filter((line) => line.trim() !== "")
  if (isTable(lines, "\t", 2)) return "text/tab-separated-values"
  return [",", ";", "|"].some((delimiter) => isTable(lines, delimiter, 3)) ? "text/csv" : null
}

const isTable = (lines: ReadonlyArray<string>, delimiter: string, columns: number): boolean => {
  if (lines.length < 3) return false
  const rows = lines.map((line) => cellsOf(line, delimiter))
  const width = rows[0]!.length
  if (width < columns || rows.some((row) => row.length !== width)) return false
  const cells = rows.flat()
  const sentences = cells.filter((cell) => cell.length > 80 || /[.!?] +\p{Lu}/u.test(cell)).length
  // A bar at both ends is how Markdown draws its tables, and so do people in plain text.
  return sentences * 5 < cells.length && !(delimiter === "|" && lines.every((line) => line.trim().startsWith("|")))
}

/** Cells of one line; a quoted one may hold the delimiter. */
const cellsOf = (line: string, delimiter: string): ReadonlyArray<string> => {
  const cells: Array<string> = []
  let cell = ""
  let quoted = false
  for (const letter of line) {
    if (letter === "\"") quoted = !quoted
    if (letter === delimiter && !quoted) {
      cells.push(cell)
      cell = ""
    } else {
      cell += letter
    }
  }
  cells.push(cell)
  return cells
}
