import { embedders } from "@sheaf/adapters/embedding/Embedders"
import { type ChangeRow, SpaceChangesRepo } from "@sheaf/adapters/repos/spaces/SpaceChangesRepo"
import { type SpacePage, SpacePagesRepo } from "@sheaf/adapters/repos/spaces/SpacePagesRepo"
import { VectorsRepo } from "@sheaf/adapters/repos/segments/VectorsRepo"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { speaks } from "@sheaf/adapters/text/language"
import type { DocumentId, SegmentId, TenantId } from "@sheaf/domain/ids"
import { Data, Duration, Effect, Option } from "effect"
import * as Stage from "../../pipeline/Stage.ts"
import { entryOf } from "../entryOf.ts"
import { ofIndex } from "../failures.ts"
import { newVectors } from "../newVectors.ts"

/** The new embedder wants nothing of a segment. */
export class Refused extends Data.TaggedError("Refused")<{
  readonly documentId: DocumentId
  readonly segmentId: SegmentId
  readonly detail: string
}> {}

/** Texts of one request to the embedder. */
const batch = 32

/** A page is written in milliseconds. Far below what the database allows a transaction to stand still. */
const patience = Duration.seconds(5)

/**
 * Writes the entries of a page of segments in the space that a dataset moves to. Vectors are made and stored first. Then entries are written
 * while the documents are held, so that nothing of them is hidden, purged or published at the same time: an entry is never written after
 * the removal that was to take it away. What is to be recorded is written with them. Answers how many there were.
 */
export const makeMirror = Effect.gen(function*() {
  const changes = yield* SpaceChangesRepo
  const index = yield* SearchIndex
  const make = yield* newVectors
  const pages = yield* SpacePagesRepo
  const vectors = yield* VectorsRepo
  const { find } = yield* embedders

  const embed = Effect.fnUntraced(function*(
    { claim: { tenantId }, write }: Stage.Work<"RebuildSpace">,
    { to }: ChangeRow,
    segments: SpacePage["segments"]
  ) {
    const texts = yield* pages.embeddable(tenantId, segments.map(({ id }) => id))
    const batches = Array.from(
      { length: Math.ceil(texts.length / batch) },
      (_, at) => texts.slice(at * batch, (at + 1) * batch)
    )
    yield* Effect.forEach(
      batches,
      (some) =>
        Effect.flatMap(
          make(tenantId, to, some),
          (made) => made.size === 0 ? Effect.void : write(vectors.saveWanted(tenantId, to.id, made))
        ),
      {
        discard: true,
        concurrency: Option.match(find(to.id), { onNone: () => 1, onSome: ({ parallel }) => parallel })
      }
    ).pipe(
      Effect.catchTag("SegmentRefused", ({ detail, segmentId }) => {
        const { documentId } = segments.find(({ id }) => id === segmentId)!
        return Effect.fail(new Refused({ documentId, segmentId, detail }))
      })
    )
  })

  const writeEntries = Effect.fnUntraced(function*(
    tenantId: TenantId,
    { datasetId, id, to }: ChangeRow,
    page: Pick<SpacePage, "segments" | "documents" | "position">
  ) {
    const held = yield* pages.hold(tenantId, page.segments)
    const spoken = held.filter(({ language }) => speaks(to.languages, language))
    const known = yield* vectors.find(tenantId, to.id, spoken.map(({ textHash }) => textHash))
    // A deletion of another document with the same text may have taken a vector away since.
    if (spoken.some(({ textHash }) => !known.has(textHash))) {
      return yield* new Stage.TryAgain({ reason: "vectors went while entries were made of them", patient: true })
    }
    const entries = held.map((segment) =>
      entryOf({ ...segment, datasetId }, segment, known.get(segment.textHash) ?? null)
    )
    if (entries.length > 0) {
      yield* index.upsert(to, tenantId, entries).pipe(
        Effect.mapError(ofIndex),
        Effect.timeoutOrElse({
          duration: patience,
          orElse: () => Effect.fail(new Stage.TryAgain({ reason: "search index: upsert", dependency: "search" }))
        })
      )
    }
    const { documents, position } = page
    if (position !== null) {
      yield* changes.record(tenantId, id, "built", { position, documents, segments: entries.length })
    }
    return held.map((segment) => segment.id)
  })

  return {
    /** Builds a page, and remembers that it is built. */
    build: Effect.fnUntraced(function*(work: Stage.Work<"RebuildSpace">, change: ChangeRow, page: SpacePage) {
      yield* embed(work, change, page.segments)
      yield* work.write(writeEntries(work.claim.tenantId, change, page))
    }),
    /** Builds it once more; how many of its entries the index does not have all the same. */
    repair: Effect.fnUntraced(function*(work: Stage.Work<"RebuildSpace">, change: ChangeRow, page: SpacePage) {
      yield* embed(work, change, page.segments)
      return yield* work.write(Effect.gen(function*() {
        const { tenantId } = work.claim
        const segmentIds = yield* writeEntries(tenantId, change, { ...page, documents: 0, position: null })
        const scope = { _tag: "Segments", segmentIds } as const
        const found = yield* index.count(change.to, tenantId, scope).pipe(Effect.mapError(ofIndex))
        return segmentIds.length - found
      }))
    })
  }
})
