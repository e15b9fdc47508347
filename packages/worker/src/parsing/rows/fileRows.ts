import { readRows as csvRows } from "../csv/readRows.ts"
import { streamText } from "../detect/readText.ts"
import { arrayItems } from "../json/arrayItems.ts"
import { linesOfText, readLine } from "../json/jsonLines.ts"
import { ParseFailure } from "../Parser.ts"
import type { FilePart, RowsInput } from "./FilePart.ts"
import { type NumberedRecord, recordRows } from "./recordRows.ts"
import { sheetRows } from "./sheetRows.ts"
import { type TableRow, tableRows } from "./tableRows.ts"

type Reader = (input: RowsInput) => AsyncIterable<FilePart>

const csv: Reader = (input) => tableRows(csvTable(input), input)
const sheet: Reader = (input) => tableRows(sheetRows(input.path), input)
const json: Reader = (input) => recordRows(items(input), input)
const lines: Reader = (input) => recordRows(jsonLines(input), input)

/** What has rows, by media type. A text without any marks may be a table of one column. */
const readers: ReadonlyMap<string, Reader> = new Map([
  ["text/csv", csv],
  ["text/tab-separated-values", csv],
  ["text/plain", csv],
  ["text/markdown", csv],
  ["application/json", json],
  ["application/x-ndjson", lines],
  ["application/jsonl", lines],
  ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", sheet],
  ["application/vnd.openxmlformats-officedocument.spreadsheetml.template", sheet],
  ["application/vnd.ms-excel.sheet.macroenabled.12", sheet],
  ["application/vnd.ms-excel.template.macroenabled.12", sheet]
])

/**
 * The rows of a file, whatever it is, one after another: what it has for columns first. Throws `Unsupported` for what has no rows, and
 * `Corrupt` where it cannot be said where a row ends.
 */
export const fileRows = (input: RowsInput): AsyncIterable<FilePart> => {
  const reader = readers.get(input.mediaType)
  if (reader === undefined) throw new ParseFailure({ _tag: "Unsupported", detectedType: input.mediaType })
  return reader(input)
}

const csvTable = async function*({ mediaType, path, reading: { delimiter } }: RowsInput): AsyncGenerator<TableRow> {
  let number = 0
  const rows = csvRows(() => streamText(path), {
    fallback: mediaType === "text/tab-separated-values" ? "\t" : ",",
    delimiter,
    warn: (detail) => {
      // A document may go on with lines for rows; here they would be rows that nobody has written.
      throw new ParseFailure({ _tag: "Corrupt", detail: detail.replace(/: from there on.*/, "") })
    }
  })
  for await (const cells of rows) yield { number: ++number, cells }
}

const items = async function*({ path }: RowsInput): AsyncGenerator<NumberedRecord> {
  let number = 0
  for await (const record of arrayItems(streamText(path))) yield { number: ++number, record }
}

const jsonLines = async function*({ path }: RowsInput): AsyncGenerator<NumberedRecord> {
  let number = 0
  for await (const line of linesOfText(streamText(path))) {
    number++
    if (line.trim() !== "") yield { number, record: readLine(line) }
  }
}
