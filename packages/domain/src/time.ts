import { Schema } from "effect"

/** An instant: ISO 8601 in UTC on the wire, a `Date` in the program. */
export const Timestamp = Schema.DateFromString
export type Timestamp = typeof Timestamp.Type
