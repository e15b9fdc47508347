import { maxValue } from "@sheaf/domain/imports/readRow"

/** A value as it is handed on: `null` for none. */
export const valueOf = (text: string | undefined): string | null =>
  text === undefined || text.trim() === "" ? null : text.slice(0, maxValue)

/** So much of the names of columns as an error shows. */
export const shownNames = (names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.slice(0, 20).map((name) => name.trim().slice(0, 60).toWellFormed())
