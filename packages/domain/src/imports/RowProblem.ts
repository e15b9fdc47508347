import { Schema } from "effect"

/** What is wrong with one row. */
export const RowProblem = Schema.Struct({
  /**
   * - `Unreadable`: it is no record
   * - `Missing`, `TooLong`, `TooMany`: so is the value of the field
   * - `Exists`: there is one already, and it was to stay
   * - `Refused`: what it was to make is not allowed
   */
  reason: Schema.Literals(["Unreadable", "Missing", "TooLong", "TooMany", "Exists", "Refused"]),
  /** `null`: it is the row as a whole. */
  field: Schema.NullOr(Schema.String),
  message: Schema.String
})
export type RowProblem = typeof RowProblem.Type
