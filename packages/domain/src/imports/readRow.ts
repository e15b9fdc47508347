import { maxAnswerLength, maxQuestionLength } from "../annotations/Annotation.ts"
import { keepLines, oneLine } from "../documents/cleanText.ts"
import { importFields } from "./fields.ts"
import type { ImportKind } from "./ImportTarget.ts"
import type { RowProblem } from "./RowProblem.ts"

/** UTF-16 units of a segment's text; how many tokens it may have is found out when it is made. */
export const maxSegmentText = 65_536

const maxKeywords = 10
const maxKeyword = 64

/** What a cell can be good for: whatever is longer is too long for every field. */
export const maxValue = maxSegmentText + 1

/** UTF-16 units of a value that are kept of a row which cannot be carried out. */
const shown = 200

export interface ReadRow {
  readonly values: Readonly<Record<string, string>>
  /** `null`: it can be carried out. */
  readonly problem: RowProblem | null
}

const limits: { readonly [field: string]: number } = {
  question: maxQuestionLength,
  answer: maxAnswerLength,
  text: maxSegmentText
}

/** Checks the values of a row, which stand in the order of the fields, and cleans them as texts are. */
export const readRow = (kind: ImportKind, given: ReadonlyArray<string | null>): ReadRow => {
  const values: Record<string, string> = {}
  let problem: RowProblem | null = null
  for (const [index, { name, required }] of importFields[kind].entries()) {
    const value = clean(name, given[index] ?? "")
    if (value !== "") values[name] = value
    problem ??= problemOf(name, value, required)
  }
  return problem === null ? { values, problem } : { values: cutShort(values), problem }
}

/** A row that is none, and what it looked like. */
export const unreadableRow = (message: string, values: Readonly<Record<string, string>> = {}): ReadRow => ({
  values: cutShort(values),
  problem: { reason: "Unreadable", field: null, message }
})

/** The words of a cell: between commas, semicolons, bars or lines. */
export const keywordsOf = (value: string | undefined): ReadonlyArray<string> => [
  ...new Set((value ?? "").split(/[,;|\n]/).map(oneLine).filter((word) => word !== ""))
]

// A question is one line, as whoever asks it writes one.
const clean = (field: string, value: string): string => field === "question" ? oneLine(value) : keepLines(value)

const problemOf = (field: string, value: string, required: boolean): RowProblem | null => {
  if (value === "") return required ? { reason: "Missing", field, message: `there is no ${field}` } : null
  if (field === "keywords") return problemOfKeywords(value)
  const limit = limits[field] ?? maxValue
  if (value.length <= limit) return null
  const length = value.length >= maxValue ? `more than ${maxSegmentText}` : String(value.length)
  return {
    reason: "TooLong",
    field,
    message: `the ${field} has ${length} characters, and at most ${limit} are allowed`
  }
}

const problemOfKeywords = (value: string): RowProblem | null => {
  const words = keywordsOf(value)
  const field = "keywords"
  if (words.length > maxKeywords) {
    const message = `there are ${words.length} keywords, and at most ${maxKeywords} are allowed`
    return { reason: "TooMany", field, message }
  }
  if (words.every((word) => word.length <= maxKeyword)) return null
  return { reason: "TooLong", field, message: `a keyword has more than ${maxKeyword} characters` }
}

const cutShort = (values: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(values).map(([field, value]) => [
      field,
      // Not through a pair of surrogates.
      value.length > shown ? `${value.slice(0, shown).toWellFormed().replace(/\ufffd$/, "")}…` : value
    ])
  )
