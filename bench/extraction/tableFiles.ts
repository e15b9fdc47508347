export type Rows = ReadonlyArray<ReadonlyArray<string>>

/** Comma-separated values with quotes (RFC 4180). */
export const rowsOfCsv = (text: string): Rows => {
  const rows: Array<Array<string>> = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1)!.push(quoted === undefined ? plain ?? "" : quoted.replaceAll("\"\"", "\""))
    if (end !== ",") rows.push([])
  }
  return rows
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: "\"", apos: "'" }

/** The rows of all tables in a structure file of the ICDAR 2013 competition. A cell over several columns stands in the first. */
export const rowsOfStructure = (xml: string): Rows =>
  [...xml.matchAll(/<table\b[\s\S]*?<\/table>/g)].flatMap(([table]) => {
    const rows: Array<Array<string>> = []
    let before = 0
    for (const [region] of table.matchAll(/<region\b[\s\S]*?<\/region>/g)) {
      const begin = before
      for (
        const [, attributes = "", content = ""] of region.matchAll(
          /<cell\b([^>]*)>\s*<bounding-box[\s\S]*?<content>([\s\S]*?)<\/content>/g
        )
      ) {
        const number = (name: string) => Number(new RegExp(`${name}=["'](\\d+)`).exec(attributes)?.[1] ?? 0)
        const row = begin + number("start-row")
        before = Math.max(before, row + 1)
        const cells = rows[row] ??= []
        cells[number("start-col")] = content.replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole)
      }
    }
    return rows.filter((row) => row !== undefined).map((row) => Array.from(row, (cell) => cell ?? ""))
  })
