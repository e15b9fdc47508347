import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { IfExists } from "../annotations/Annotation.ts"
import { AppArchived, AppNotFound } from "../annotations/errors.ts"
import { DocumentNotFound, StateConflict, UploadTooLarge } from "../documents/errors.ts"
import { BadRequest } from "../edge/errors.ts"
import { mutation } from "../edge/mutation.ts"
import { Page, PageFields } from "../edge/page.ts"
import { ImportId } from "../ids.ts"
import { ImportNotFound, ImportOver, TooManyImports } from "./errors.ts"
import { Import, ImportReading, ImportRow, ImportRowState } from "./Import.ts"
import { ImportTarget } from "./ImportTarget.ts"

const named = { importId: ImportId } as const

/** Many rows at once, each with its result. */
export class ImportsRpcs extends RpcGroup.make(
  /**
   * Checks where the rows are to go, before anybody sends a byte. The bytes of the file go to `PATCH /imports/{importId}/file`, within 24
   * hours, as those of documents go to `/uploads`; work begins when the last one is there.
   */
  mutation("ImportsCreate", {
    payload: {
      target: ImportTarget,
      /** Of the file; its ending says what a text is, where the text leaves that open. */
      name: Schema.String.check(Schema.isBetweenLength(1, 4_096)),
      /** Bytes, when known: refused early if too large. */
      size: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
      /** What becomes of a row that is there already. Default `skip`. */
      ifExists: Schema.optionalKey(IfExists),
      reading: Schema.optionalKey(ImportReading)
    },
    success: Import,
    error: Schema.Union([
      AppNotFound,
      AppArchived,
      DocumentNotFound,
      StateConflict,
      UploadTooLarge,
      TooManyImports,
      BadRequest
    ])
  }),
  /** With `waitMs` (at most 30,000) it waits until the import is over, or has changed since the revision `after`. */
  Rpc.make("ImportsGet", {
    payload: {
      ...named,
      after: Schema.optionalKey(Schema.Int),
      waitMs: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30_000 })))
    },
    success: Import,
    error: ImportNotFound
  }),
  /** Newest first: the caller's own, and with the scope `admin` everybody's. */
  Rpc.make("ImportsList", { payload: PageFields, success: Page(Import), error: BadRequest }),
  /** In the order of the file. */
  Rpc.make("ImportsRows", {
    payload: { ...named, state: Schema.optionalKey(Schema.Array(ImportRowState)), ...PageFields },
    success: Page(ImportRow),
    error: Schema.Union([ImportNotFound, BadRequest])
  }),
  /** Rows whose turn has not come are left out; what was done stays done. */
  mutation("ImportsCancel", {
    payload: named,
    success: Import,
    error: Schema.Union([ImportNotFound, ImportOver])
  })
) {}
