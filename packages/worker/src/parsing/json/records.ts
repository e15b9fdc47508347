import type { Element } from "@sheaf/domain/documents/Element"
import { TableParts } from "../tables/TableParts.ts"
import { isRecord, isScalar, type Json, linesOf, scalarText } from "./lines.ts"

/** Records looked at together: they get the columns that any of them has. */
const together = 50

/** More columns than this read better as lines. */
const maxColumns = 40

/** Characters of lines in one element. */
const maxLines = 8_000

/** Values as lists of `path: value` lines, cut between lines. */
export const listsOf = function*(value: Json, path = ""): Generator<Element> {
  let lines: Array<string> = []
  let length = 0
  for (const line of linesOf(value, path)) {
    if (length > 0 && length + line.length > maxLines) {
      yield list(lines)
      lines = []
      length = 0
    }
    lines.push(oneLine(line))
    length += line.length + 1
  }
  if (lines.length > 0) yield list(lines)
}

/** What one record of several is: a list of its own. */
export const recordList = (value: Json): Generator<Element> => listsOf(value)

/**
 * The items of an array: flat objects become rows of tables, everything else lists. Items are taken as they come; what is held is a table.
 */
export class Records {
  readonly #path: string
  #count = 0
  #flat: Array<{ readonly [key: string]: Json }> = []
  #scalars: Array<Json> = []

  constructor(path: string) {
    this.#path = path
  }

  *add(item: Json): Generator<Element> {
    const at = this.#count++
    if (isScalar(item)) {
      yield* this.#endTable()
      this.#scalars.push(item)
      if (this.#scalars.length >= together) yield* this.#endScalars()
      return
    }
    yield* this.#endScalars()
    if (isFlat(item)) {
      this.#flat.push(item)
      if (this.#flat.length >= together) yield* this.#endTable()
      return
    }
    yield* this.#endTable()
    yield* listsOf(item, `${this.#path}[${at}]`)
  }

  *end(): Generator<Element> {
    yield* this.#endScalars()
    yield* this.#endTable()
  }

  *#endTable(): Generator<Element> {
    const records = this.#flat
    this.#flat = []
    if (records.length === 0) return
    const columns = [...new Set(records.flatMap((record) => Object.keys(record)))]
    if (columns.length > maxColumns) {
      for (const record of records) yield* recordList(record)
      return
    }
    const parts = new TableParts(columns)
    for (const record of records) yield* parts.add(columns.map((column) => cellOf(record[column])))
    yield* parts.end()
  }

  *#endScalars(): Generator<Element> {
    const values = this.#scalars
    this.#scalars = []
    if (values.length > 0) yield list(values.map((value) => oneLine(scalarText(value))))
  }
}

/** An object of plain values, or of short arrays of them: a row. */
const isFlat = (item: Json): item is { readonly [key: string]: Json } =>
  isRecord(item) && Object.keys(item).length > 0 &&
  Object.values(item).every((value) => isScalar(value) || Array.isArray(value) && value.every(isScalar))

const cellOf = (value: Json | undefined): string => {
  if (value === undefined) return ""
  return Array.isArray(value) ? value.map(scalarText).join(", ") : scalarText(value)
}

const list = (lines: ReadonlyArray<string>): Element => ({ kind: "list", text: lines.join("\n"), boxes: [] })

const oneLine = (line: string): string => line.replace(/[\r\n]+/g, " ")
