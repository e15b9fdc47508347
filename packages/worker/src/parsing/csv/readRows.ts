import { CsvError, parse, type Parser as CsvParse } from "csv-parse"
import { Readable } from "node:stream"
import { ParseFailure } from "../Parser.ts"
import type { Row } from "../tables/TableParts.ts"
import { delimiterOf, lenient } from "./dialect.ts"

/** UTF-8 bytes of one row. */
const maxRowBytes = 4 * 1_024 * 1_024

/** As many as spreadsheets have. */
const maxColumns = 16_384

const sampleLength = 65_536

export interface RowOptions {
  /** What separates cells where the text does not show it. */
  readonly fallback: string
  /** What separates them, where somebody has said so. */
  readonly delimiter?: string | undefined
  readonly warn: (detail: string) => void
}

/**
 * The rows of a table, one after another; `open` gives its text from the beginning. A quote that is never closed would swallow the rest:
 * from there on every line is a row. Throws `TooLarge` for a row or a width beyond all tables.
 */
export const readRows = async function*(
  open: () => AsyncIterable<string>,
  { delimiter: said, fallback, warn }: RowOptions
): AsyncGenerator<Row> {
  const { delimiter: seen, skip } = await dialectOf(open, fallback)
  const delimiter = said ?? seen
  let line = skip
  try {
    for await (const { lines, row } of parsed(open(), { delimiter, quote: "\"", from: skip })) {
      yield row
      line = skip + lines
    }
  } catch (error) {
    if (!(error instanceof CsvError) || !isUnclosed(error)) throw error
    warn(`the quote in line ${line + 1} is never closed: from there on, every line was taken for a row`)
    for await (const { row } of parsed(open(), { delimiter, quote: null, from: line })) yield row
  }
}

/** Excel says what separates cells in a line of its own. */
const dialectOf = async (open: () => AsyncIterable<string>, fallback: string) => {
  let start = ""
  for await (const part of open()) {
    start += part
    if (start.length >= sampleLength) break
  }
  start = start.slice(0, sampleLength)
  const said = /^sep=([^\r\n])\r?\n/i.exec(start)
  if (said !== null) return { delimiter: said[1]!, skip: 1 }
  // A line that breaks off would be counted with too few cells.
  const end = start.length < sampleLength ? -1 : start.lastIndexOf("\n")
  return { delimiter: delimiterOf(end > 0 ? start.slice(0, end) : start, fallback), skip: 0 }
}

const isUnclosed = ({ code }: CsvError): boolean => code === "CSV_QUOTE_NOT_CLOSED" || code === "CSV_MAX_RECORD_SIZE"

interface Dialect {
  readonly delimiter: string
  readonly quote: string | null
  /** Lines to leave out. */
  readonly from: number
}

/** Rows, and how many lines have been read with each. */
const parsed = async function*(
  text: AsyncIterable<string>,
  { delimiter, from, quote }: Dialect
): AsyncGenerator<{ readonly row: Row; readonly lines: number }> {
  const parser: CsvParse = parse({ ...lenient, delimiter, quote, info: true, max_record_size: maxRowBytes })
  const source = Readable.from(withoutLines(text, from), { objectMode: false, encoding: "utf8" })
  source.on("error", (error) => parser.destroy(error))
  try {
    for await (const { info, record } of source.pipe(parser) as AsyncIterable<Read>) {
      if (record.length > maxColumns) throw tooLarge("columns", maxColumns, record.length)
      yield { row: record, lines: info.lines }
    }
  } catch (error) {
    if (quote === null && error instanceof CsvError && error.code === "CSV_MAX_RECORD_SIZE") {
      throw tooLarge("bytes in one row of a table", maxRowBytes, maxRowBytes + 1)
    }
    throw error
  } finally {
    source.destroy()
    parser.destroy()
  }
}

interface Read {
  readonly record: ReadonlyArray<string>
  readonly info: { readonly lines: number }
}

const withoutLines = async function*(text: AsyncIterable<string>, count: number): AsyncGenerator<string> {
  let left = count
  for await (const part of text) {
    let at = 0
    while (left > 0) {
      const end = part.indexOf("\n", at)
      if (end === -1) break
      at = end + 1
      left--
    }
    if (left === 0 && at < part.length) yield part.slice(at)
  }
}

const tooLarge = (what: string, limit: number, actual: number) =>
  new ParseFailure({ _tag: "TooLarge", what, limit, actual })
