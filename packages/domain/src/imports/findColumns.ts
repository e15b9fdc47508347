import type { ImportField } from "./fields.ts"
import type { ImportReading } from "./Import.ts"

export interface FoundColumns {
  /** The first row names the columns, and is none of the rows. */
  readonly isHeader: boolean
  /** Where each field stands; `null`: nowhere. */
  readonly at: ReadonlyArray<number | null>
  /** A field that every row needs and none has. */
  readonly missing: string | null
}

/** Names are compared so. */
export const normalName = (name: string): string => name.replace(/^\ufeff/, "").trim().toLowerCase()

/** What the fields are called in this file, the first wins. */
export const namesOf = ({ known, name }: ImportField, { columns = {} }: ImportReading): ReadonlyArray<string> => {
  const said = columns[name]
  return said === undefined ? known : [normalName(said)]
}

/**
 * Where the fields stand in a table, by its first row. That is a header where it has the name of a field, or where the caller says so or
 * names columns; a table without one has its columns in the order of the fields, and no others, unless the caller says that it has none.
 */
export const findColumns = (
  first: ReadonlyArray<string>,
  fields: ReadonlyArray<ImportField>,
  reading: ImportReading
): FoundColumns => {
  const names = first.map(normalName)
  const named = fields.map((field) => {
    const at = namesOf(field, reading).map((name) => names.indexOf(name)).find((index) => index !== -1)
    return at ?? null
  })
  const isHeader = reading.header ??
    (named.some((at) => at !== null) || Object.keys(reading.columns ?? {}).length > 0 ||
      first.length > fields.length)
  const at = isHeader ? named : fields.map((_, index) => index < first.length ? index : null)
  const missing = fields.find((field, index) => field.required && at[index] === null)
  return { isHeader, at, missing: missing?.name ?? null }
}
