import { namesOf, normalName } from "@sheaf/domain/imports/findColumns"
import { isRecord, isScalar, type Json, scalarText } from "../json/lines.ts"
import type { FilePart, FileRow, RowsWish } from "./FilePart.ts"
import { shownNames, valueOf } from "./values.ts"

export interface NumberedRecord {
  readonly number: number
  /** `undefined`: it is no JSON. */
  readonly record: Json | undefined
}

/** Records that are looked at before it is said that a field is in none of them. */
const preview = 20

/** The rows of objects, whose keys name the fields. */
export const recordRows = async function*(
  records: AsyncIterable<NumberedRecord>,
  wish: RowsWish
): AsyncGenerator<FilePart> {
  const first: Array<NumberedRecord> = []
  let begun = false
  for await (const record of records) {
    if (begun) {
      yield { row: rowOf(record, wish) }
      continue
    }
    first.push(record)
    if (first.length < preview) continue
    begun = true
    if (yield* begin(first, wish)) return
  }
  if (!begun && first.length > 0) yield* begin(first, wish)
}

/** Answers whether there is nothing to look for in what follows. */
const begin = function*(first: ReadonlyArray<NumberedRecord>, wish: RowsWish): Generator<FilePart, boolean> {
  const names = [...new Set(first.flatMap(({ record }) => isObject(record) ? Object.keys(record) : []))]
  const known = new Set(names.map(normalName))
  const missing = wish.fields.find((field) =>
    field.required && !namesOf(field, wish.reading).some((name) => known.has(name))
  )
  yield { columns: { names: shownNames(names), count: names.length, missing: missing?.name ?? null } }
  if (missing !== undefined) return true
  for (const record of first) yield { row: rowOf(record, wish) }
  return false
}

const isObject = (record: Json | undefined): record is { readonly [key: string]: Json } =>
  record !== undefined && isRecord(record)

const rowOf = ({ number, record }: NumberedRecord, { fields, reading }: RowsWish): FileRow => {
  const none = fields.map(() => null)
  if (record === undefined) return { number, values: none, problem: "it is not JSON" }
  if (!isObject(record)) return { number, values: none, problem: "it is no object with named values" }
  const byName = new Map(Object.keys(record).map((key) => [normalName(key), record[key]!]))
  const given = fields.map((field) => {
    const name = namesOf(field, reading).find((name) => byName.has(name))
    return name === undefined ? undefined : byName.get(name)
  })
  const strange = fields.find((_, index) => textOf(given[index]) === undefined)
  return {
    number,
    values: given.map((value) => valueOf(textOf(value))),
    ...(strange !== undefined && { problem: `the ${strange.name} is no text` })
  }
}

/** `undefined` for what is no text, and no list of texts. */
const textOf = (value: Json | undefined): string | undefined => {
  if (value === undefined) return ""
  if (isScalar(value)) return scalarText(value)
  return Array.isArray(value) && value.every(isScalar) ? value.map(scalarText).join(", ") : undefined
}
