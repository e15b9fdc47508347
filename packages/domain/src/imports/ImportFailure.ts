import { Schema } from "effect"
import { explain, FailureCause } from "../documents/FailureCause.ts"

/** Why an import has failed as a whole: stored with it, and not an RPC error. Only the last two come after rows were carried out. */
export const ImportFailure = Schema.TaggedUnion({
  /** The file gives no rows. */
  Unreadable: { cause: FailureCause },
  /** It has no column for a field that every row needs. `found`: the first of those that it has. */
  NoColumn: { field: Schema.String, found: Schema.Array(Schema.String) },
  TooManyColumns: { limit: Schema.Int, actual: Schema.Int },
  TooManyRows: { limit: Schema.Int },
  /** Nothing stands below the header. */
  NoRows: {},
  /** The app or the document takes no rows any more: it is gone or archived. */
  Refused: { detail: Schema.String },
  /** Our bug: the log has the details under `reference`. */
  Internal: { reference: Schema.String }
})
export type ImportFailure = typeof ImportFailure.Type

/** What to say of it, and what to do. Total: a new failure without words does not compile. */
export const explainImport: (failure: ImportFailure) => string = ImportFailure.match({
  Unreadable: ({ cause }) =>
    cause._tag === "Unsupported"
      ? `This is ${cause.detectedType}, which has no rows. Send a CSV, JSON, JSON Lines or XLSX file.`
      : `${explain(cause).message} ${explain(cause).hint}`,
  NoColumn: ({ field, found }) =>
    `There is no column "${field}"; the file has ${found.map((name) => `"${name}"`).join(", ") || "none"}. ` +
    `Say which one it is (columns: {"${field}": "NAME"}; on the command line --column ${field}=NAME), or, if the first row ` +
    "is no header, that there is none (header: false; --header no).",
  TooManyColumns: ({ actual, limit }) =>
    `The file has ${actual} columns, and at most ${limit} are read. Is it separated by what you think?`,
  TooManyRows: ({ limit }) => `The file has more than ${limit} rows. Nothing was changed: split it.`,
  NoRows: () => "The file has a header and no rows.",
  Refused: ({ detail }) => `${detail} What was done before stays.`,
  Internal: ({ reference }) =>
    `Something went wrong on the server (reference ${reference}). Import the file again: what is there is not made twice.`
})
