import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import type { NewJob } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { OwedEntriesRepo, type OwingDocument, type WantedSegment } from "@sheaf/adapters/repos/segments/OwedEntriesRepo"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { Signals } from "@sheaf/adapters/signals/Signals"
import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { JobId, type SegmentId } from "@sheaf/domain/ids"
import type { Space } from "@sheaf/domain/spaces/Space"
import { Effect, Option } from "effect"
import { SqlClient } from "effect/sql"
import * as Stage from "../../pipeline/Stage.ts"
import { entryOf } from "../entryOf.ts"
import { ofIndex } from "../failures.ts"
import { removalPage, removeMarked } from "../removeMarked.ts"
import { indexRefused, type Refusal, writeHalving } from "./refusals.ts"
import { vectorsOf } from "./vectorsOf.ts"

/** Segments told of a change in one transaction. */
const tellPage = 1_000

/** Segments written to the index at a time. */
const page = 200

interface Look {
  readonly document: Option.Option<OwingDocument>
  readonly found: ReadonlyArray<WantedSegment>
}

/** The first so many that are of the same space, as all segments of nearly all documents are. */
const ofOneSpace = (found: ReadonlyArray<WantedSegment>): ReadonlyArray<WantedSegment> => {
  const other = found.findIndex(({ space }) => space.id !== found[0]?.space.id)
  return other === -1 ? found : found.slice(0, other)
}

/**
 * Brings the entries of a document in step with its rows: tells the segments of a change of the document's flags, takes out the entries
 * that must not be, writes those that must, and lastly sees that nothing has changed meanwhile; else it begins again. There is one such
 * job a document (see `IndexSync`), so what it writes is never overtaken by another one's.
 *
 * Nothing here undoes what was asked for. What cannot be done now stays owed and is tried again, for ever: while a dependency is down
 * because the job waits for it, and after a refusal, which is stored with what was refused, with growing delays.
 */
export const applyEnablement = Effect.gen(function*() {
  const documents = yield* DocumentsRepo
  const index = yield* SearchIndex
  const owed = yield* OwedEntriesRepo
  const remove = yield* removeMarked
  const signals = yield* Signals
  const sql = yield* SqlClient.SqlClient
  const findVectors = yield* vectorsOf

  type Work = Stage.Work<"ApplyEnablement">
  const lock = ({ claim, job }: Work) => documents.lock(claim.tenantId, job.documentId)
  const locked = <A, E>(work: Work, effect: Effect.Effect<A, E>) => work.write(Effect.andThen(lock(work), effect))

  const refuse = (work: Work, items: ReadonlyArray<WantedSegment>, cause: FailureCause) =>
    Effect.andThen(
      locked(work, owed.refuse(work.claim.tenantId, work.job.documentId, items, cause)),
      Effect.logWarning("a change cannot be brought to the search index", { documentId: work.job.documentId, cause })
    )

  const tell = (work: Work) =>
    locked(work, owed.tell(work.claim.tenantId, work.job.documentId, tellPage)).pipe(
      Effect.repeat({ while: (all) => !all })
    )

  const takeOut = Effect.fnUntraced(function*(work: Work) {
    const mark = locked(work, owed.sendOut(work.claim.tenantId, work.job.documentId, removalPage))
    while ((yield* mark) > 0) {
      yield* remove(work).pipe(
        Effect.catchTag(
          "SearchIndexError",
          (error) =>
            (error.isRetryable ? Effect.void : refuse(work, [], indexRefused(error))).pipe(
              Effect.andThen(Effect.fail(ofIndex(error)))
            )
        )
      )
    }
  })

  /** Entries whose segments went while they were being written. The lock keeps anybody from making the same segments again. */
  const removeGone = (work: Work, space: Space, written: ReadonlyArray<SegmentId>) =>
    locked(
      work,
      Effect.gen(function*() {
        const segmentIds = yield* owed.missing(work.claim.tenantId, written)
        if (segmentIds.length === 0) return
        yield* index.remove(space, work.claim.tenantId, { _tag: "Segments", segmentIds })
      })
    ).pipe(Effect.catchTag("SearchIndexError", (error) => Effect.fail(ofIndex(error))))

  /** Writes entries of one space: `again` where time has passed since they were read, else how many are in and how many are not. */
  const write = Effect.fnUntraced(function*(
    work: Work,
    document: OwingDocument,
    segments: ReadonlyArray<WantedSegment>
  ) {
    const { claim: { tenantId }, job: { documentId } } = work
    const { space } = segments[0]!
    const { known, made, refused } = yield* findVectors(work, space, segments)
    for (const [textHash, cause] of refused) {
      yield* refuse(work, segments.filter((segment) => segment.textHash === textHash), cause)
    }
    // Making vectors takes time: what is written is to be read just before.
    if (made) return "again"
    const wanted = segments.filter(({ textHash }) => !refused.has(textHash))
    if (wanted.length === 0) return { in: 0, out: segments.length }
    const facts = { ...document, documentId }
    const refusals: ReadonlyArray<Refusal<WantedSegment>> = yield* index.ensure(space).pipe(
      Effect.andThen(writeHalving(wanted, (some) =>
        index.upsert(
          space,
          tenantId,
          some.map((segment) => entryOf(facts, segment, known.get(segment.textHash) ?? null))
        ))),
      Effect.mapError(ofIndex)
    )
    for (const { cause, items } of refusals) yield* refuse(work, items, cause)
    const without = new Set(refusals.flatMap(({ items }) => items))
    const written = wanted.filter((segment) => !without.has(segment))
    const gone = yield* locked(work, owed.settle(tenantId, documentId, written))
    if (gone.length > 0) yield* removeGone(work, space, gone)
    return { in: written.length, out: segments.length - written.length }
  })

  /** As they are now, for this worker: one that has lost the job reads nothing, and so writes nothing. */
  const read = <A>(work: Work, what: Effect.Effect<A>) =>
    work.write(Effect.all({ document: owed.document(work.claim.tenantId, work.job.documentId), found: what }))

  const putIn = Effect.fnUntraced(function*(work: Work) {
    const { claim: { tenantId }, job: { documentId } } = work
    const sum = { in: 0, out: 0 }
    let after: SegmentId | null = null
    while (true) {
      const looked: Look = yield* read(work, owed.wanted(tenantId, documentId, { after, limit: page }))
      const { document, found } = looked
      if (Option.isNone(document) || document.value.deleting || found.length === 0) return sum
      const some = ofOneSpace(found)
      const done = yield* write(work, document.value, some)
      if (done === "again") continue
      sum.in += done.in
      sum.out += done.out
      after = some.at(-1)!.id
    }
  })

  /** What the index knows of the document is written with any entry of it. */
  const describe = Effect.fnUntraced(function*(work: Work) {
    while (true) {
      const { document, found } = yield* read(work, owed.sample(work.claim.tenantId, work.job.documentId))
      if (Option.isNone(document) || Option.isNone(found)) return { in: 0, out: 0 }
      const done = yield* write(work, document.value, [found.value])
      if (done !== "again") return done
    }
  })

  const agree = Effect.fnUntraced(function*(work: Work, generation: number): Effect.fn.Return<ReadonlyArray<NewJob>> {
    const { claim: { lane, tenantId }, job } = work
    const document = yield* lock(work)
    if (Option.isNone(document) || document.value.deleting) return []
    if (!(yield* owed.complete(tenantId, job.documentId, generation))) {
      return [{ id: yield* newId(JobId), lane, job }]
    }
    yield* sql.afterCommit(signals.send({ _tag: "IndexSynced", tenantId, documentId: job.documentId }))
    return []
  })

  return Stage.make({
    handles: "ApplyEnablement",
    concurrency: 2,
    timeout: "10 minutes",
    run: Effect.fn("applyEnablement")(function*(work) {
      const { claim: { tenantId }, job: { documentId } } = work
      const found = yield* owed.document(tenantId, documentId)
      if (Option.isNone(found) || found.value.deleting) return Stage.nothing
      const { generation, untold } = found.value
      if (untold) yield* tell(work)
      yield* takeOut(work)
      const written = yield* putIn(work)
      const described = written.in > 0 ? written : yield* describe(work)
      if (written.out + described.out > 0) {
        return yield* new Stage.TryAgain({ reason: "the search index or the embedder refused a part of the document" })
      }
      return agree(work, generation)
    })
  })
})
