import { Embedder, EmbedderUnavailable } from "@sheaf/adapters/embedding/Embedder"
import { type Prepared, SegmentEdits } from "@sheaf/adapters/lifecycle/SegmentEdits"
import type { PageOptions } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { SegmentChangesRepo } from "@sheaf/adapters/repos/segments/SegmentChangesRepo"
import { SpacesRepo } from "@sheaf/adapters/repos/spaces/SpacesRepo"
import { embeddedText, type Passage } from "@sheaf/adapters/text/embeddedText"
import { keepLines, oneLine } from "@sheaf/domain/documents/cleanText"
import type { Document } from "@sheaf/domain/documents/Document"
import type { DocumentNotFound, StateConflict } from "@sheaf/domain/documents/errors"
import { encodeIndexToken } from "@sheaf/domain/documents/indexToken"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { BadRequest, type Conflict, type QuotaExceeded } from "@sheaf/domain/edge/errors"
import type { DocumentId, PageCursor, SegmentChangeId, SegmentId } from "@sheaf/domain/ids"
import { TextTooLong } from "@sheaf/domain/segments/errors"
import type { Segment } from "@sheaf/domain/segments/Segment"
import type { SegmentChange } from "@sheaf/domain/segments/SegmentChange"
import type { SegmentNotFound } from "@sheaf/domain/segments/errors"
import { Context, Effect, Layer, Option, Result } from "effect"
import { Documents } from "../documents/Documents.ts"
import { once } from "../edge/Idempotent.ts"
import { pageOr } from "../edge/pageOr.ts"
import { Segments } from "./Segments.ts"

interface Named {
  readonly documentId: DocumentId
}

/** What is left out stays as it is. */
interface Contents {
  readonly headingPath?: ReadonlyArray<string>
  readonly keywords?: ReadonlyArray<string>
}

interface Changed {
  readonly segment: Segment
  readonly indexToken: string
}

type Refused = DocumentNotFound | SegmentNotFound | StateConflict | TextTooLong | BadRequest | QuotaExceeded

/**
 * Changes of published versions by hand, and what became of them. Texts are cleaned and counted before the transaction: the embedder may
 * be a server away. Removing and forgetting are part of the caller's transaction.
 */
export class SegmentChanges extends Context.Service<SegmentChanges, {
  readonly add: (
    caller: Caller,
    segment: Named & Contents & {
      readonly text: string
      readonly after?: SegmentId | null
      readonly parentId?: SegmentId
    }
  ) => Effect.Effect<Changed, Refused>
  readonly edit: (
    caller: Caller,
    segment: Named & Contents & {
      readonly segmentId: SegmentId
      readonly text?: string
      readonly ifVersion?: number
    }
  ) => Effect.Effect<Changed, Refused | Conflict>
  readonly remove: (
    caller: Caller,
    segments: Named & { readonly segmentIds: ReadonlyArray<SegmentId> }
  ) => Effect.Effect<
    {
      readonly deleted: ReadonlyArray<SegmentId>
      readonly missing: ReadonlyArray<SegmentId>
      readonly indexToken: string
    },
    DocumentNotFound | StateConflict | QuotaExceeded
  >
  readonly list: (
    caller: Caller,
    options: PageOptions & Named & { readonly conflict?: boolean }
  ) => Effect.Effect<
    { readonly items: ReadonlyArray<SegmentChange>; readonly next?: PageCursor },
    DocumentNotFound | BadRequest
  >
  readonly forget: (
    caller: Caller,
    changes: Named & { readonly changeIds: ReadonlyArray<SegmentChangeId> }
  ) => Effect.Effect<{ readonly forgotten: ReadonlyArray<SegmentChangeId> }, DocumentNotFound>
}>()("@sheaf/server/segments/SegmentChanges") {
  static readonly layer = Layer.effect(
    SegmentChanges,
    Effect.gen(function*() {
      const documents = yield* Documents
      const edits = yield* SegmentEdits
      const embedder = yield* Embedder
      const repo = yield* SegmentChangesRepo
      const segments = yield* Segments
      const spaces = yield* SpacesRepo

      /** Counts in the embedder's own tokens; every space that the segment gets a vector in has to have room for it. */
      const measure = Effect.fnUntraced(function*(caller: Caller, document: Document, passage: Passage) {
        const found = yield* spaces.ofDataset(caller.tenantId, document.datasetId)
        const written = Option.isNone(found) ? [] : found.value.written
        // Nobody else knows how this space counts.
        if (!written.some(({ id }) => id === embedder.space.id)) {
          const cause = new Error("there is no embedder for the space of this dataset")
          return yield* Effect.die(new EmbedderUnavailable({ operation: "countTokens", cause }))
        }
        const [tokens = 0] = yield* Effect.orDie(embedder.countTokens([embeddedText(passage)]))
        const limit = Math.min(...written.map(({ maxTokens }) => maxTokens))
        if (tokens > limit) return yield* new TextTooLong({ tokens, limit })
        return { ...passage, tokens } satisfies Prepared
      })

      const answer = Effect.fnUntraced(
        function*(caller: Caller, { documentId, generation, segmentId }: Named & {
          readonly segmentId: SegmentId
          readonly generation: number
        }) {
          const segment = yield* segments.get(caller, { documentId, segmentId })
          return { segment, indexToken: encodeIndexToken([{ documentId, generation }]) }
        }
      )

      const add: SegmentChanges["Service"]["add"] = Effect.fn("SegmentChanges.add")(function*(caller, wanted) {
        const document = yield* documents.get(caller, wanted)
        const passage = { text: yield* cleaned(wanted.text), headingPath: titles(wanted.headingPath ?? []) }
        const prepared = yield* measure(caller, document, passage)
        const inTransaction = yield* once
        return yield* inTransaction(Effect.gen(function*() {
          const { id: documentId } = yield* documents.get(caller, wanted)
          const { after, keywords = [], parentId } = wanted
          const added = yield* edits.add(caller, {
            ...prepared,
            documentId,
            after,
            parentId,
            keywords: words(keywords)
          })
          return yield* answer(caller, { ...added, documentId })
        }))
      })

      /** What an edit makes of the text; `undefined` where it stays. */
      const passageOf = Effect.fnUntraced(
        function*(caller: Caller, document: Document, { headingPath, segmentId, text }: Parameters<
          SegmentChanges["Service"]["edit"]
        >[1]) {
          if (text === undefined && headingPath === undefined) return undefined
          const wanted = text === undefined ? undefined : yield* cleaned(text)
          const now = yield* segments.get(caller, { documentId: document.id, segmentId })
          const passage = {
            text: wanted ?? now.text,
            headingPath: headingPath === undefined ? now.headingPath : titles(headingPath)
          }
          // A segment's text never changes: what is the same now is the same in the transaction.
          if (isSame(passage, now)) return undefined
          return yield* measure(caller, document, passage)
        }
      )

      const edit: SegmentChanges["Service"]["edit"] = Effect.fn("SegmentChanges.edit")(function*(caller, wanted) {
        const document = yield* documents.get(caller, wanted)
        const measured = yield* Effect.result(passageOf(caller, document, wanted))
        if (Result.isFailure(measured) && measured.failure._tag !== "SegmentNotFound") return yield* measured.failure
        const inTransaction = yield* once
        return yield* inTransaction(Effect.gen(function*() {
          const { id: documentId } = yield* documents.get(caller, wanted)
          const { ifVersion, segmentId } = wanted
          if (Result.isFailure(measured)) {
            // The transaction knows what became of it.
            yield* edits.edit(caller, { documentId, segmentId, passage: undefined, keywords: undefined, ifVersion })
            return yield* measured.failure
          }
          const passage = measured.success
          const keywords = wanted.keywords === undefined ? undefined : words(wanted.keywords)
          const edited = yield* edits.edit(caller, { documentId, segmentId, passage, keywords, ifVersion })
          return yield* answer(caller, { ...edited, documentId })
        }))
      })

      const remove: SegmentChanges["Service"]["remove"] = Effect.fn("SegmentChanges.remove")(
        function*(caller, wanted) {
          const { id: documentId } = yield* documents.get(caller, wanted)
          const { deleted, generation, missing } = yield* edits.remove(caller, { ...wanted, documentId })
          return { deleted, missing, indexToken: encodeIndexToken([{ documentId, generation }]) }
        }
      )

      const list: SegmentChanges["Service"]["list"] = Effect.fn("SegmentChanges.list")(function*(caller, options) {
        const { id: documentId } = yield* documents.get(caller, options)
        return yield* pageOr(repo.list(caller.tenantId, { ...options, documentId }))
      })

      const forget: SegmentChanges["Service"]["forget"] = Effect.fn("SegmentChanges.forget")(
        function*(caller, wanted) {
          const { id: documentId } = yield* documents.get(caller, wanted)
          return { forgotten: yield* repo.forget(caller.tenantId, documentId, wanted.changeIds) }
        }
      )

      return SegmentChanges.of({ add, edit, remove, list, forget })
    })
  )
}

const isSame = (a: Passage, b: Passage): boolean =>
  a.text === b.text && a.headingPath.length === b.headingPath.length
  && a.headingPath.every((title, at) => title === b.headingPath[at])

/** As the parsers clean what they read. */
const cleaned = Effect.fnUntraced(function*(text: string) {
  const clean = keepLines(text)
  if (clean.trim() === "") return yield* new BadRequest({ reason: "`text` has nothing in it" })
  return clean
})

const titles = (headingPath: ReadonlyArray<string>): ReadonlyArray<string> =>
  headingPath.map(oneLine).filter((title) => title !== "")

const words = (keywords: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set(keywords.map(oneLine).filter((keyword) => keyword !== ""))
]
