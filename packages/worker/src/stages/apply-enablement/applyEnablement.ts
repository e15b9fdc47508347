import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import type { NewJob } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { OwedEntriesRepo, type WantedSegment } from "@sheaf/adapters/repos/segments/OwedEntriesRepo"
import { SpacesRepo } from "@sheaf/adapters/repos/spaces/SpacesRepo"
import { Signals } from "@sheaf/adapters/signals/Signals"
import { JobId, type SegmentId } from "@sheaf/domain/ids"
import { Effect, Option } from "effect"
import { SqlClient } from "effect/sql"
import * as Stage from "../../pipeline/Stage.ts"
import { ofIndex } from "../failures.ts"
import { removalPage, removeMarked } from "../removeMarked.ts"
import { indexRefused } from "./refusals.ts"
import { type Look, writeEntries, type Written } from "./writeEntries.ts"

/** Segments told of a change in one transaction. */
const tellPage = 1_000

/** Segments written to the index at a time. */
const page = 200

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
  const owed = yield* OwedEntriesRepo
  const remove = yield* removeMarked
  const signals = yield* Signals
  const spaces = yield* SpacesRepo
  const sql = yield* SqlClient.SqlClient
  const { locked, refuse, write } = yield* writeEntries

  type Work = Stage.Work<"ApplyEnablement">

  const tell = (work: Work) =>
    locked(work, owed.tell(work.claim.tenantId, work.job.documentId, tellPage)).pipe(
      Effect.repeat({ while: (all) => !all })
    )

  const takeOut = Effect.fnUntraced(function*(work: Work) {
    const mark = locked(work, owed.sendOut(work.claim.tenantId, work.job.documentId, removalPage))
    const refused = (error: Parameters<typeof ofIndex>[0]) =>
      error.isRetryable ? Effect.void : refuse(work, [], indexRefused(error))
    while ((yield* mark) > 0) {
      yield* remove(work).pipe(
        Effect.catchTag("SearchIndexError", (error) => Effect.andThen(refused(error), Effect.fail(ofIndex(error))))
      )
    }
  })

  /** As they are now, for this worker: one that has lost the job reads nothing, and so writes nothing. */
  const look = ({ claim: { tenantId }, job, write }: Work, wanted: Effect.Effect<ReadonlyArray<WantedSegment>>) =>
    write(Effect.gen(function*() {
      const document = yield* owed.document(tenantId, job.documentId)
      const of = yield* spaces.ofDataset(tenantId, job.datasetId)
      if (Option.isNone(document) || document.value.deleting || Option.isNone(of)) return Option.none<Look>()
      const found = yield* wanted
      return found.length === 0
        ? Option.none<Look>()
        : Option.some({ document: document.value, spaces: of.value, found })
    }))

  const putIn = Effect.fnUntraced(function*(work: Work) {
    const { claim: { tenantId }, job: { documentId } } = work
    const sum = { in: 0, out: 0 }
    let after: SegmentId | null = null
    while (true) {
      const seen: Option.Option<Look> = yield* look(work, owed.wanted(tenantId, documentId, { after, limit: page }))
      if (Option.isNone(seen)) return sum
      const written: Option.Option<Written> = yield* write(work, seen.value)
      if (Option.isNone(written)) continue
      sum.in += written.value.in
      sum.out += written.value.out
      after = seen.value.found.at(-1)!.id
    }
  })

  /** What the index knows of the document itself is written with any entry of it. */
  const describe = Effect.fnUntraced(function*(work: Work) {
    const sample = Effect.map(owed.sample(work.claim.tenantId, work.job.documentId), Option.toArray)
    while (true) {
      const seen = yield* look(work, sample)
      if (Option.isNone(seen)) return { in: 0, out: 0 }
      const written = yield* write(work, seen.value)
      if (Option.isSome(written)) return written.value
    }
  })

  const agree = Effect.fnUntraced(function*(work: Work, generation: number): Effect.fn.Return<ReadonlyArray<NewJob>> {
    const { claim: { lane, tenantId }, job } = work
    const document = yield* documents.lock(tenantId, job.documentId)
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
