import { Schema } from "effect"
import { fieldName, isFieldName } from "../documents/Metadata.ts"
import { isStorable } from "../text.ts"

/** Most columns that settings can name. */
const maxColumns = 64

/**
 * What one column of a table is for. `content`: what a row is found by and read as. `metadata`: a field of the row's segment. `both`: that,
 * too. `none`: left out.
 */
export const TableColumn = Schema.Struct({
  /** As the first row has it; upper and lower case, and white space, make no difference. */
  name: Schema.String.check(Schema.isBetweenLength(1, 200), isStorable),
  /** Default `content`. */
  role: Schema.optionalKey(Schema.Literals(["content", "metadata", "both", "none"])),
  /** What a cell is as metadata. Default `string`. */
  type: Schema.optionalKey(Schema.Literals(["string", "number", "boolean", "time"])),
  /** What the field is called; default: the column's name, with `_` for what a field's name cannot have. */
  field: Schema.optionalKey(Schema.String.check(isFieldName))
})
export type TableColumn = typeof TableColumn.Type

/** White space and case make no difference between the names of columns. */
export const columnKey = (name: string): string => name.normalize("NFKC").trim().replaceAll(/\s+/gu, " ").toLowerCase()

/** The field that a column is kept in. */
export const fieldOf = ({ field, name }: TableColumn): string => {
  if (field !== undefined) return field
  const plain = columnKey(name).replaceAll(/[^a-z0-9_.-]+/g, "_").replaceAll(/^_+|_+$/g, "").slice(0, 63)
  return fieldName.test(plain) ? plain : `_${plain}`
}

export const isMetadata = ({ role }: TableColumn): boolean => role === "metadata" || role === "both"

const once = Schema.makeFilter((columns: ReadonlyArray<TableColumn>) => {
  const twice = (names: ReadonlyArray<string>) => names.find((name, at) => names.indexOf(name) < at)
  const column = twice(columns.map(({ name }) => columnKey(name)))
  if (column !== undefined) return `each column once, not ${JSON.stringify(column)} twice`
  const field = twice(columns.filter(isMetadata).map(fieldOf))
  return field === undefined || `each field once, not ${JSON.stringify(field)} for two columns`
})

export const TableColumns = Schema.Array(TableColumn).check(Schema.isMaxLength(maxColumns), once)
export type TableColumns = typeof TableColumns.Type
