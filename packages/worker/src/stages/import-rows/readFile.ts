import { BlobStore, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import { importOwner } from "@sheaf/adapters/blobs/importFile"
import { ImportWorkRepo, type NumberedRow, type Work as Import } from "@sheaf/adapters/repos/imports/ImportWorkRepo"
import { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { explain } from "@sheaf/domain/documents/FailureCause"
import { importFields } from "@sheaf/domain/imports/fields"
import type { ImportFormat } from "@sheaf/domain/imports/Import"
import type { ImportFailure } from "@sheaf/domain/imports/ImportFailure"
import type { ImportKind } from "@sheaf/domain/imports/ImportTarget"
import { importLimits } from "@sheaf/domain/imports/importLimits"
import { readRow, unreadableRow } from "@sheaf/domain/imports/readRow"
import { Data, Effect, Stream } from "effect"
import { type ParseRejected, ParserJail } from "../../parsing/jail/ParserJail.ts"
import type { FileColumns, FilePart, FileRow } from "../../parsing/rows/FilePart.ts"
import * as Stage from "../../pipeline/Stage.ts"
import { ofBlobs } from "../failures.ts"

/** There is nothing to carry out in the file, and there never will be. */
export class Unfit extends Data.TaggedError("Unfit")<{ readonly failure: ImportFailure }> {}

/** The import has ended meanwhile. */
export class Ended extends Data.TaggedError("Ended")<{}> {}

/** Rows kept by one transaction. */
const page = 500

/** A parser that died is asked once more: the machine may have been to blame. */
const patience = 1

const mediaTypes: { readonly [Format in ImportFormat]: string | undefined } = {
  csv: "text/csv",
  json: "application/json",
  jsonl: "application/x-ndjson",
  // A workbook is known by what it is.
  xlsx: undefined
}

/** Reads the file into rows, each checked by itself. An attempt after another reads it again, and keeps what follows the last row kept. */
export const fileReading = Effect.gen(function*() {
  const blobs = yield* BlobStore
  const imports = yield* ImportWorkRepo
  const jail = yield* ParserJail
  const jobs = yield* JobsRepo

  const rejected = (attempts: number) => ({ cause }: ParseRejected) =>
    explain(cause).retryable && attempts < patience
      ? new Stage.TryAgain({ reason: explain(cause).message, cause })
      : new Unfit({ failure: { _tag: "Unreadable", cause } })

  return Effect.fnUntraced(
    function*({ claim, job: { importId }, write }: Stage.Work<"ImportRows">, work: Import) {
      const { attempts, tenantId } = claim
      const { kind, name, reading } = work
      const path = yield* blobs.localFile(rawKey(importOwner(tenantId, importId))).pipe(
        Effect.catchTag(
          "BlobNotFound",
          () =>
            new Unfit({
              failure: { _tag: "Unreadable", cause: { _tag: "SourceGone", detail: "the file is not there" } }
            })
        ),
        Effect.mapError((error) => error._tag === "BlobStoreError" ? ofBlobs(error) : error)
      )
      const textAs = reading.format === undefined ? undefined : mediaTypes[reading.format]
      const wish = { fields: importFields[kind], reading }
      let columns: FileColumns | null = null
      let count = 0

      /** The rows among some parts of the file that are not kept yet. */
      const rowsIn = Effect.fnUntraced(function*(parts: ReadonlyArray<FilePart>) {
        const fresh: Array<NumberedRow> = []
        for (const part of parts) {
          if ("columns" in part) {
            columns = part.columns
            const failure = problemOf(part.columns)
            if (failure !== null) return yield* new Unfit({ failure })
          } else {
            if (++count > importLimits.maxRows) {
              return yield* new Unfit({ failure: { _tag: "TooManyRows", limit: importLimits.maxRows } })
            }
            if (part.row.number > work.readTo) fresh.push({ number: part.row.number, ...checked(kind, part.row) })
          }
        }
        return fresh
      })

      yield* jail.rows({ path, name, textAs }, wish).pipe(
        Stream.mapError(rejected(attempts)),
        Stream.grouped(page),
        Stream.runForEach(Effect.fnUntraced(function*(parts) {
          const fresh = yield* rowsIn(parts)
          const goesOn = yield* write(
            Effect.tap(
              imports.append(tenantId, importId, fresh),
              () => fresh.length === 0 ? Effect.void : jobs.gotFurther(claim)
            )
          )
          if (!goesOn) return yield* new Ended()
        }))
      )
      if (count === 0) {
        const failure: ImportFailure = columns === null
          ? { _tag: "Unreadable", cause: { _tag: "Empty" } }
          : { _tag: "NoRows" }
        return yield* new Unfit({ failure })
      }
      yield* write(imports.allRead(tenantId, importId))
    },
    Effect.scoped
  )
})

const checked = (kind: ImportKind, { problem, values }: FileRow) => {
  const read = readRow(kind, values)
  return problem === undefined ? read : unreadableRow(problem, read.values)
}

const problemOf = ({ count, missing, names }: FileColumns): ImportFailure | null => {
  if (count > importLimits.maxColumns) {
    return { _tag: "TooManyColumns", limit: importLimits.maxColumns, actual: count }
  }
  return missing === null ? null : { _tag: "NoColumn", field: missing, found: names }
}
