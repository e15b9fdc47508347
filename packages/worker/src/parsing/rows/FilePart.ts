import type { ImportField } from "@sheaf/domain/imports/fields"
import type { ImportReading } from "@sheaf/domain/imports/Import"
import type { ParseInput } from "../Parser.ts"

/** Which fields are looked for, and what is known of the file. */
export interface RowsWish {
  readonly fields: ReadonlyArray<ImportField>
  readonly reading: ImportReading
}

export interface RowsInput extends ParseInput, RowsWish {}

/** What a file has for columns; comes before its rows. */
export interface FileColumns {
  /** The first of them, and how many there are. */
  readonly names: ReadonlyArray<string>
  readonly count: number
  /** A field that every row needs and none has: no rows follow. */
  readonly missing: string | null
}

export interface FileRow {
  /** Its place in the file, from 1; grows from row to row. */
  readonly number: number
  /** In the order of the fields; `null` where it has nothing. Far too long ones are cut, and still too long. */
  readonly values: ReadonlyArray<string | null>
  /** Why it is no record. */
  readonly problem?: string
}

export type FilePart = { readonly columns: FileColumns } | { readonly row: FileRow }
