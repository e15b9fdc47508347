import { SpaceControl } from "@sheaf/adapters/lifecycle/SpaceControl"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { OwedEntriesRepo, type OwingDocument, type WantedSegment } from "@sheaf/adapters/repos/segments/OwedEntriesRepo"
import { type DatasetSpaces, SpacesRepo } from "@sheaf/adapters/repos/spaces/SpacesRepo"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import type { SegmentId } from "@sheaf/domain/ids"
import type { Space } from "@sheaf/domain/spaces/Space"
import { Effect, Option } from "effect"
import type { Work } from "../../pipeline/Stage.ts"
import { entryOf } from "../entryOf.ts"
import { ofIndex } from "../failures.ts"
import { type Refusal, writeHalving } from "./refusals.ts"
import { vectorsOf } from "./vectorsOf.ts"

/** A document and some of its segments, as they were read in one transaction. */
export interface Look {
  readonly document: OwingDocument
  readonly spaces: DatasetSpaces
  readonly found: ReadonlyArray<WantedSegment>
}

export interface Written {
  readonly in: number
  /** Refused, which is stored with them. */
  readonly out: number
}

/**
 * Writes entries into every space that is written. `None` where that has to begin anew, because what is written is to be read just before.
 * Segments that have changed meanwhile stay owed, and nothing stays behind of those that went.
 */
export const writeEntries = Effect.gen(function*() {
  const control = yield* SpaceControl
  const documents = yield* DocumentsRepo
  const findVectors = yield* vectorsOf
  const index = yield* SearchIndex
  const owed = yield* OwedEntriesRepo
  const spacesRepo = yield* SpacesRepo

  type ThisWork = Work<"ApplyEnablement">
  const locked = <A, E>({ claim, job, write }: ThisWork, effect: Effect.Effect<A, E>) =>
    write(Effect.andThen(documents.lock(claim.tenantId, job.documentId), effect))

  const refuse = (work: ThisWork, items: ReadonlyArray<WantedSegment>, cause: FailureCause) =>
    Effect.andThen(
      locked(work, owed.refuse(work.claim.tenantId, work.job.documentId, items, cause)),
      Effect.logWarning("a change cannot be brought to the search index", { documentId: work.job.documentId, cause })
    )

  /** The lock keeps anybody from making the same segments again. */
  const removeGone = (work: ThisWork, held: ReadonlyArray<Space>, candidates: ReadonlyArray<SegmentId>) =>
    locked(
      work,
      Effect.gen(function*() {
        const segmentIds = yield* owed.missing(work.claim.tenantId, candidates)
        if (segmentIds.length === 0) return
        for (const space of held) yield* index.remove(space, work.claim.tenantId, { _tag: "Segments", segmentIds })
      })
    ).pipe(Effect.catchTag("SearchIndexError", (error) => Effect.fail(ofIndex(error))))

  const prepare = Effect.fnUntraced(function*(
    work: ThisWork,
    space: Space,
    segments: ReadonlyArray<WantedSegment>
  ) {
    const { known, made, refused } = yield* findVectors(work, space, segments)
    const refusals = Array.from(refused, ([textHash, cause]): Refusal<WantedSegment> => ({
      items: segments.filter((segment) => segment.textHash === textHash),
      cause
    }))
    return { space, vectors: known, made, refusals }
  })

  const writeInto = Effect.fnUntraced(function*(
    { claim: { tenantId }, job: { documentId } }: ThisWork,
    document: OwingDocument,
    segments: ReadonlyArray<WantedSegment>,
    { space, vectors }: { readonly space: Space; readonly vectors: ReadonlyMap<string, Float32Array> }
  ) {
    const facts = { ...document, documentId }
    const entry = (segment: WantedSegment) => entryOf(facts, segment, vectors.get(segment.textHash) ?? null)
    return yield* index.ensure(space).pipe(
      Effect.andThen(writeHalving(segments, (some) => index.upsert(space, tenantId, some.map(entry)))),
      Effect.mapError(ofIndex)
    )
  })

  const write = Effect.fnUntraced(function*(work: ThisWork, { document, found, spaces }: Look) {
    const { claim: { tenantId }, job: { datasetId, documentId } } = work
    const refused = new Set<WantedSegment>()
    const refuseAll = Effect.forEach(({ cause, items }: Refusal<WantedSegment>) => {
      items.forEach((segment) => refused.add(segment))
      return refuse(work, items, cause)
    }, { discard: true })
    const left = () => found.filter((segment) => !refused.has(segment))

    /** What is not wanted where the dataset is only moving to stops the move, and nothing else. */
    const stopsMove = Effect.fnUntraced(function*(space: Space, [refusal]: ReadonlyArray<Refusal<WantedSegment>>) {
      if (space.id === spaces.current.id || refusal?.items[0] === undefined) return false
      const detail = "detail" in refusal.cause ? refusal.cause.detail : refusal.cause._tag
      const cause = { _tag: "SegmentRefused", documentId, segmentId: refusal.items[0].id, detail } as const
      yield* work.write(control.fail(tenantId, datasetId, space.id, cause))
      return true
    })

    const prepared = yield* Effect.forEach(spaces.written, (space) => prepare(work, space, found))
    for (const { refusals, space } of prepared) {
      if (yield* stopsMove(space, refusals)) return Option.none<Written>()
    }
    yield* refuseAll(prepared.flatMap(({ refusals }) => refusals))
    if (prepared.some(({ made }) => made)) return Option.none<Written>()
    for (const into of prepared) {
      if (left().length === 0) break
      const refusals = yield* writeInto(work, document, left(), into)
      if (yield* stopsMove(into.space, refusals)) return Option.none<Written>()
      yield* refuseAll(refusals)
    }
    const settled = yield* locked(
      work,
      Effect.gen(function*() {
        const isCurrent = yield* spacesRepo.areAll(tenantId, datasetId, spaces.written)
        if (isCurrent) yield* owed.settle(tenantId, documentId, left())
        return { isCurrent, gone: yield* owed.missing(tenantId, found.map(({ id }) => id)) }
      })
    )
    if (settled.gone.length > 0) yield* removeGone(work, spaces.held, settled.gone)
    return settled.isCurrent ? Option.some<Written>({ in: left().length, out: refused.size }) : Option.none<Written>()
  })

  return { locked, refuse, write }
})
