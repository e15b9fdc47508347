import { importFields } from "@sheaf/domain/imports/fields"
import type { ImportRow } from "@sheaf/domain/imports/Import"
import { importKindOf, type ImportTarget } from "@sheaf/domain/imports/ImportTarget"

// Results as CSV (RFC 4180), which people open in spreadsheets.

/** What a spreadsheet would compute. Seen as text when a quotation mark stands before it. */
const formula = /^\s*[=+\-@\t\r|%]/

/** A cell that nothing computes and nothing breaks out of. */
export const csvCell = (text: string): string => {
  const tame = formula.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(tame) ? `"${tame.replaceAll("\"", "\"\"")}"` : tame
}

const line = (cells: ReadonlyArray<string>): string => `${cells.map(csvCell).join(",")}\r\n`

const namesOf = (target: ImportTarget): ReadonlyArray<string> =>
  importFields[importKindOf(target)].map(({ name }) => name)

/** The first line of the results. */
export const resultHeader = (target: ImportTarget): string =>
  line(["row", "result", "id", "field", "reason", "message", ...namesOf(target)])

export const resultLine = (target: ImportTarget, { number, problem, resultId, state, values }: ImportRow): string =>
  line([
    String(number),
    state,
    resultId ?? "",
    problem?.field ?? "",
    problem?.reason ?? "",
    problem?.message ?? "",
    ...namesOf(target).map((name) => values[name] ?? "")
  ])
