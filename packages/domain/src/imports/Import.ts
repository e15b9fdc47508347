import { Schema } from "effect"
import { IfExists } from "../annotations/Annotation.ts"
import { Actor } from "../edge/Caller.ts"
import { AnnotationId, ImportId, SegmentId } from "../ids.ts"
import { Timestamp } from "../time.ts"
import { ImportFailure } from "./ImportFailure.ts"
import { ImportTarget } from "./ImportTarget.ts"
import { RowProblem } from "./RowProblem.ts"

/** What a file is, where that is not to be found out by its content. */
export const ImportFormat = Schema.Literals(["csv", "json", "jsonl", "xlsx"])
export type ImportFormat = typeof ImportFormat.Type

/** How a file is read. What is left out is found out. */
export const ImportReading = Schema.Struct({
  format: Schema.optionalKey(ImportFormat),
  /** Between the cells of a CSV: one character. */
  delimiter: Schema.optionalKey(Schema.String.check(Schema.isPattern(/^[^\r\n"]$/u))),
  /** Whether the first row names the columns. Without it, it does where it has a name that is known. */
  header: Schema.optionalKey(Schema.Boolean),
  /** What the file calls a field: `{ "question": "Frage" }`. Upper and lower case are the same. */
  columns: Schema.optionalKey(
    Schema.Record(Schema.String.check(Schema.isMaxLength(40)), Schema.String.check(Schema.isBetweenLength(1, 200)))
  )
})
export type ImportReading = typeof ImportReading.Type

/**
 * `uploading`: its file is on the way; `waiting`: other imports of the tenant have their turn; `reading`: rows are read and checked, and
 * nothing is changed yet; `applying`: they are carried out. The last three are final.
 */
export const ImportState = Schema.Literals([
  "uploading",
  "waiting",
  "reading",
  "applying",
  "finished",
  "failed",
  "cancelled"
])
export type ImportState = typeof ImportState.Type

/** Nothing becomes of it any more. */
export const isImportOver = (state: ImportState): boolean =>
  state === "finished" || state === "failed" || state === "cancelled"

/** Rows of a file that are carried out by a job, each with its own result. Kept for 30 days after it is over. */
export class Import extends Schema.Class<Import>("@sheaf/domain/imports/Import/Import")({
  id: ImportId,
  target: ImportTarget,
  /** Of the file, as the client named it. */
  name: Schema.String,
  ifExists: IfExists,
  reading: ImportReading,
  state: ImportState,
  /** Why nothing, or nothing more, became of it: only with `failed`. */
  failure: Schema.NullOr(ImportFailure),
  /** Bytes of the file; `null` until they are there. */
  size: Schema.NullOr(Schema.Finite),
  /** Rows that have been read: all of them once it is `applying`. The five below add up to it. */
  total: Schema.Int,
  pending: Schema.Int,
  created: Schema.Int,
  overwritten: Schema.Int,
  skipped: Schema.Int,
  failed: Schema.Int,
  /** Grows with every change: a reader who has seen one waits for the next. */
  revision: Schema.Int,
  createdBy: Actor,
  createdAt: Timestamp,
  finishedAt: Schema.NullOr(Timestamp)
}) {}

/** `cancelled`: its turn had not come when the import ended. */
export const ImportRowState = Schema.Literals(["pending", "created", "overwritten", "skipped", "failed", "cancelled"])
export type ImportRowState = typeof ImportRowState.Type

/** What became of one row. */
export const ImportRow = Schema.Struct({
  /** Its place in the file: rows of a table with the header, lines, items of an array; from 1. */
  number: Schema.Int,
  state: ImportRowState,
  /** Why it was left out or has failed. */
  problem: Schema.NullOr(RowProblem),
  /** What it has made or changed, or what was there before. */
  resultId: Schema.NullOr(Schema.Union([AnnotationId, SegmentId])),
  /** What it says, by field; a row that has failed may be cut short. */
  values: Schema.Record(Schema.String, Schema.String)
})
export type ImportRow = typeof ImportRow.Type
