import { Schema } from "effect"
import { isStorable } from "../text.ts"
import { MetadataInvalid } from "./errors.ts"
import { isFieldName, type Metadata, type MetadataValue } from "./Metadata.ts"

/** `time` is text in the form of RFC 3339, such as `2026-05-01T12:00:00Z`, or a date alone. */
const FieldType = Schema.Literals(["string", "number", "boolean", "time", "strings"])

/** What a dataset says about one field of its documents' metadata. Fields that it says nothing about may hold anything. */
export const MetadataField = Schema.Struct({
  name: Schema.String.check(isFieldName),
  type: FieldType,
  /** A document without it is refused. Default false. */
  required: Schema.optionalKey(Schema.Boolean),
  description: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(500), isStorable))
})
export type MetadataField = typeof MetadataField.Type

export const MetadataFields = Schema.Array(MetadataField).check(
  Schema.isMaxLength(64),
  Schema.makeFilter((fields: ReadonlyArray<MetadataField>) => {
    const names = fields.map((field) => field.name)
    const twice = names.find((name, index) => names.indexOf(name) < index)
    return twice === undefined || `each field once, not ${JSON.stringify(twice)} twice`
  })
)
export type MetadataFields = typeof MetadataFields.Type

const time =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d))?$/

const longMonths: ReadonlySet<number> = new Set([1, 3, 5, 7, 8, 10, 12])

/** Whether the month has that day. */
const isDay = (text: string): boolean => {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split("-").map(Number)
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day <= (month === 2 ? (isLeap ? 29 : 28) : longMonths.has(month) ? 31 : 30)
}

const fits: { readonly [Type in MetadataField["type"]]: (value: MetadataValue) => boolean } = {
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  boolean: (value) => typeof value === "boolean",
  time: (value) => typeof value === "string" && time.test(value) && isDay(value),
  strings: (value) => Array.isArray(value)
}

/** Whether a value is of a field's type. */
export const fitsType = (type: MetadataField["type"], value: MetadataValue): boolean => fits[type](value)

const wanted: { readonly [Type in MetadataField["type"]]: string } = {
  string: "must be text",
  number: "must be a number",
  boolean: "must be true or false",
  time: "must be a time like 2026-05-01T12:00:00Z, or a date",
  strings: "must be a list of texts"
}

type Problem = MetadataInvalid["problems"][number]

const ofType = (field: MetadataField, metadata: Metadata): ReadonlyArray<Problem> => {
  const value = metadata[field.name]
  return value === undefined || fits[field.type](value) ? [] : [{ field: field.name, problem: wanted[field.type] }]
}

const invalid = (problems: ReadonlyArray<Problem>): MetadataInvalid | null =>
  problems.length === 0 ? null : new MetadataInvalid({ problems })

/** What is wrong with all the metadata of a document, or `null`. */
export const checkMetadata = (fields: MetadataFields, metadata: Metadata): MetadataInvalid | null =>
  invalid(fields.flatMap((field) =>
    field.required === true && !Object.hasOwn(metadata, field.name)
      ? [{ field: field.name, problem: "is required" }]
      : ofType(field, metadata)
  ))

/**
 * What is wrong with a change, or `null`. A change answers for what it changes: what a document has, or lacks, from before its dataset had
 * these fields does not stand in the way of others.
 */
export const checkChange = (fields: MetadataFields, before: Metadata, after: Metadata): MetadataInvalid | null =>
  invalid(fields.flatMap((field) => {
    const had = Object.hasOwn(before, field.name)
    if (!Object.hasOwn(after, field.name)) {
      return field.required === true && had ? [{ field: field.name, problem: "is required" }] : []
    }
    return had && same(before[field.name], after[field.name]) ? [] : ofType(field, after)
  }))

const same = (one: MetadataValue | undefined, other: MetadataValue | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other)
