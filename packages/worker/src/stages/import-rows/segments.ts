import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import { SegmentEdits } from "@sheaf/adapters/lifecycle/SegmentEdits"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import type { PendingRow, RowResult, Work } from "@sheaf/adapters/repos/imports/ImportWorkRepo"
import { SameSegmentsRepo } from "@sheaf/adapters/repos/imports/SameSegmentsRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import { SpacesRepo } from "@sheaf/adapters/repos/spaces/SpacesRepo"
import { embeddedText } from "@sheaf/adapters/text/embeddedText"
import { textHashOf } from "@sheaf/adapters/text/segmentIdentity"
import { DocumentNotFound } from "@sheaf/domain/documents/errors"
import { DocumentId } from "@sheaf/domain/ids"
import { keywordsOf } from "@sheaf/domain/imports/readRow"
import { Effect, Option } from "effect"
import { SqlClient } from "effect/sql"
import { ofEmbedder, otherSpace } from "../failures.ts"
import { type Applier, Closed, exists, refused } from "./Applier.ts"

interface Ready {
  readonly row: PendingRow
  readonly text: string
  readonly tokens: number
}

/** Segments at the end of a published version, as if somebody had added them by hand. What is there already is told by its text. */
export const segments = Effect.gen(function*() {
  const documents = yield* DocumentsRepo
  const edits = yield* SegmentEdits
  const embedder = yield* Embedder
  const same = yield* SameSegmentsRepo
  const spaces = yield* SpacesRepo
  const part = transact(yield* SqlClient.SqlClient)

  const closed = ({ message }: { readonly message: string }) => new Closed({ detail: message })

  /** How long a segment may be, in the tokens of every space that it gets a vector in. */
  const limitOf = Effect.fnUntraced(function*({ caller, targetId }: Work) {
    const documentId = DocumentId.make(targetId)
    const document = Option.getOrNull(yield* documents.find(caller, documentId))
    if (document === null) return yield* closed(new DocumentNotFound({ documentId }))
    const found = yield* spaces.ofDataset(caller.tenantId, document.datasetId)
    const written = Option.isNone(found) ? [] : found.value.written
    const other = written.find(({ id }) => id !== embedder.space.id)
    // Nobody else knows how that space counts.
    if (other !== undefined && written.every(({ id }) => id !== embedder.space.id)) return yield* otherSpace(other)
    return Math.min(...written.map(({ maxTokens }) => maxTokens))
  })

  const add = Effect.fnUntraced(function*(work: Work, { row: { number, values }, text, tokens }: Ready) {
    const { caller, ifExists, targetId } = work
    const documentId = DocumentId.make(targetId)
    const keywords = keywordsOf(values.keywords)
    const passage = { text, headingPath: [] }
    const hash = textHashOf(passage)
    const there = ifExists === "append"
      ? undefined
      : (yield* same.ofTexts(caller.tenantId, documentId, [hash])).get(hash)
    if (there !== undefined && ifExists === "skip") {
      return exists(number, "text", there, `the document has this text already, as segment ${there}`)
    }
    if (there !== undefined) {
      yield* edits.edit(caller, { documentId, segmentId: there, passage: undefined, keywords, ifVersion: undefined })
      return { number, state: "overwritten", resultId: there, problem: null } as const
    }
    const { segmentId } = yield* edits.add(caller, {
      ...passage,
      tokens,
      documentId,
      keywords,
      after: undefined,
      parentId: undefined
    })
    return { number, state: "created", resultId: segmentId, problem: null } as const
  })

  /** A row that finds no room is refused, and undoes nothing of another. */
  const addOrRefuse = (work: Work, ready: Ready): Effect.Effect<RowResult, Closed> =>
    part(add(work, ready)).pipe(
      Effect.catchTag("QuotaExceeded", ({ message }) =>
        Effect.succeed(refused(ready.row.number, { reason: "Refused", field: null, message }))),
      Effect.catchTag(["DocumentNotFound", "StateConflict"], closed),
      // Somebody deletes the segment at this moment, or the place where it was to stand.
      Effect.catchTag(["SegmentNotFound", "BadRequest", "Conflict"], ({ message }) =>
        Effect.succeed(refused(ready.row.number, { reason: "Refused", field: null, message })))
    )

  const applier: Applier = {
    // Each is some ten statements.
    batch: 10,
    prepare: Effect.fnUntraced(function*(work, rows) {
      const limit = yield* limitOf(work)
      const texts = rows.map(({ values }) => values.text ?? "")
      const counted = yield* embedder.countTokens(texts.map((text) => embeddedText({ text, headingPath: [] }))).pipe(
        Effect.mapError(ofEmbedder)
      )
      const ready = rows.map((row, index): Ready => ({ row, text: texts[index]!, tokens: counted[index] ?? 0 }))
      return Effect.forEach(
        ready,
        (one) => one.tokens > limit ? Effect.succeed(tooLong(one, limit)) : addOrRefuse(work, one)
      )
    })
  }
  return applier
})

const tooLong = ({ row: { number }, tokens }: Ready, limit: number): RowResult =>
  refused(number, {
    reason: "TooLong",
    field: "text",
    message: `the text has ${tokens} tokens, and at most ${limit} are allowed`
  })
