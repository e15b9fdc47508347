import { jobOf, SpaceControl } from "@sheaf/adapters/lifecycle/SpaceControl"
import { derivedId } from "@sheaf/adapters/repos/derivedId"
import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { type ChangeRow, SpaceChangesRepo } from "@sheaf/adapters/repos/spaces/SpaceChangesRepo"
import { SpacePagesRepo } from "@sheaf/adapters/repos/spaces/SpacePagesRepo"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { JobId } from "@sheaf/domain/ids"
import type { SpaceChangeCause } from "@sheaf/domain/spaces/SpaceChange"
import { Data, Duration, Effect, Option } from "effect"
import { maxAttempts, maxLosses } from "../../pipeline/retry.ts"
import * as Stage from "../../pipeline/Stage.ts"
import { ofIndex } from "../failures.ts"
import { makeClearing } from "./clearing.ts"
import { makeMirror } from "./mirror.ts"

type Work = Stage.Work<"RebuildSpace">

/** Segments of one transaction with the index. */
const page = 64

/** Entries are not there that were written a moment ago. */
class Incomplete extends Data.TaggedError("Incomplete")<{ readonly missing: number }> {}

/** A job ends after so long and another goes on: so that nobody waits long for a worker, and little is done twice after a crash. */
const turnMs = 15_000

/** Searches that have looked at the dataset's row before the switch look into the old space: it serves so much longer. */
const afterglow = Duration.minutes(1)

/** A worker that lost its lease can have written to the index for as long as a unit takes; then it is over. */
const lateWrites = Duration.minutes(11)

/**
 * Moves a dataset to another space: clears what may be left there, has all index writes go to both from then on, writes the entries that
 * there were before, looks for every one of them, switches by one update, and clears what is not used any more. Each turn is a job of
 * its own; what it has done is remembered page by page.
 */
export const rebuildSpace = Effect.gen(function*() {
  const changes = yield* SpaceChangesRepo
  const clearing = yield* makeClearing
  const control = yield* SpaceControl
  const events = yield* EventsRepo
  const index = yield* SearchIndex
  const mirror = yield* makeMirror
  const pages = yield* SpacePagesRepo

  const goOn = (
    { claim: { tenantId } }: Work,
    change: ChangeRow,
    next: Parameters<SpaceChangesRepo["Service"]["advance"]>[2] = {},
    delay?: Duration.Duration
  ): Stage.Settlement =>
    Effect.as(changes.advance(tenantId, change, next), [jobOf({ ...change, step: change.step + 1 }, delay)])

  const fail = ({ claim: { tenantId }, job: { datasetId } }: Work, { to }: ChangeRow, cause: SpaceChangeCause) =>
    control.fail(tenantId, datasetId, to.id, cause)

  /** Goes through pages until there is none or the turn is over; whether it came to the end. */
  const each = Effect.fnUntraced(function*<E>(
    work: Work,
    change: ChangeRow,
    step: (page: Effect.Success<ReturnType<SpacePagesRepo["Service"]["page"]>>) => Effect.Effect<void, E>
  ) {
    let position = change.position
    while ((yield* work.elapsed) < turnMs) {
      const next = yield* pages.page(work.claim.tenantId, change, "entries", position, page)
      if (next.position === null) return true
      yield* step(next)
      position = next.position
    }
    return false
  })

  const begin = Effect.fnUntraced(function*(work: Work, change: ChangeRow) {
    yield* clearing.clearIndex(work, change.to)
    yield* index.ensure(change.to).pipe(Effect.mapError(ofIndex))
    return yield* work.write(Effect.gen(function*() {
      const dataset = yield* changes.lockDataset(work.claim.tenantId, change.datasetId)
      if (Option.isSome(dataset)) yield* changes.begin(work.claim.tenantId, change.id)
    }))
  })

  const build = Effect.fnUntraced(function*(work: Work, change: ChangeRow) {
    if (!change.hasBegun) yield* begin(work, change)
    const isDone = yield* each(work, change, (next) => mirror.build(work, change, next))
    return goOn(work, change, isDone ? { state: "verifying", fromTheStart: true } : {})
  })

  const verify = Effect.fnUntraced(function*(work: Work, change: ChangeRow) {
    const { tenantId } = work.claim
    const isDone = yield* each(work, change, (next) =>
      Effect.gen(function*() {
        const scope = { _tag: "Segments", segmentIds: next.segments.map(({ id }) => id) } as const
        const found = next.segments.length === 0
          ? 0
          : yield* index.count(change.to, tenantId, scope).pipe(Effect.mapError(ofIndex))
        if (found < next.segments.length) {
          const missing = yield* mirror.repair(work, change, next)
          if (missing > 0) return yield* new Incomplete({ missing })
        }
        const { documents, position } = next
        yield* work.write(
          changes.record(tenantId, change.id, "verified", { position: position!, documents, segments: 0 })
        )
      }))
    return isDone ? switchOver(work, change) : goOn(work, change)
  })

  const switchOver = (work: Work, { id }: ChangeRow): Stage.Settlement =>
    Effect.gen(function*() {
      const { claim: { tenantId }, job: { datasetId } } = work
      if (Option.isNone(yield* changes.lockDataset(tenantId, datasetId))) return []
      const change = yield* changes.lock(tenantId, id)
      if (Option.isNone(change) || change.value.state !== "verifying") return []
      const { from, segments, to } = change.value
      yield* changes.switchDataset(tenantId, change.value)
      yield* events.append(tenantId, {
        _tag: "SpaceChanged",
        datasetId,
        changeId: id,
        from: from.id,
        to: to.id,
        segments
      })
      return yield* goOn(work, change.value, { state: "switched", fromTheStart: true }, afterglow)
    })

  /** The space that the dataset does not use: the one that it left, or the one that it did not get to. */
  const unused = ({ from, state, to }: ChangeRow) => state === "switched" ? from : to

  const clear = Effect.fnUntraced(function*(work: Work, change: ChangeRow) {
    const { tenantId } = work.claim
    const space = unused(change)
    const indexEntries = yield* clearing.countEntries(work, space)
    if (indexEntries > 0) {
      yield* work.write(changes.recordRemoved(tenantId, change.id, { indexEntries, vectors: 0 }, change.position))
    }
    yield* clearing.clearIndex(work, space)
    while (yield* clearing.clearVectors(work, change, space)) {
      if ((yield* work.elapsed) > turnMs) return goOn(work, change)
    }
    yield* clearing.clearIndex(work, space)
    const { datasetId, id, step } = change
    return Effect.as(changes.clear(tenantId, id), [{
      ...jobOf({ id, datasetId, step }, lateWrites),
      id: JobId.make(derivedId("space change looks again", id))
    }])
  })

  const turn = Effect.fnUntraced(function*(work: Work, change: ChangeRow) {
    const { claim } = work
    if (change.isCleared) {
      yield* clearing.lookAgain(work, unused(change))
      return Effect.void
    }
    // A job of an earlier step, or of a change that stands still.
    if (change.step !== work.job.step || change.paused || change.state === "failed") return Effect.void
    if (change.state === "switched" || change.state === "cancelled") return yield* clear(work, change)
    if (claim.attempts >= maxAttempts || claim.losses >= maxLosses) {
      return fail(work, change, { _tag: "Internal", reference: claim.id })
    }
    return yield* (change.state === "building" ? build(work, change) : verify(work, change))
  })

  return Stage.make({
    handles: "RebuildSpace",
    concurrency: 2,
    timeout: "10 minutes",
    run: Effect.fn("rebuildSpace")(function*(work) {
      const { claim: { tenantId }, job: { changeId } } = work
      const change = yield* changes.get(tenantId, changeId)
      // Gone with its dataset.
      if (Option.isNone(change)) return Effect.void
      return yield* turn(work, change.value).pipe(
        Effect.catchTags({
          Refused: ({ detail, documentId, segmentId }) =>
            Effect.succeed(fail(work, change.value, { _tag: "SegmentRefused", documentId, segmentId, detail })),
          Incomplete: ({ missing }): Effect.Effect<Stage.Settlement, Stage.TryAgain> =>
            work.claim.attempts + 1 < maxAttempts
              ? Effect.fail(new Stage.TryAgain({ reason: `${missing} entries are not in the new index` }))
              : Effect.succeed(fail(work, change.value, { _tag: "Incomplete", missing }))
        }),
        Effect.tapErrorTag("TryAgain", ({ dependency }) =>
          dependency === undefined
            ? Effect.void
            : work.write(changes.setWaiting(tenantId, changeId, dependency)))
      )
    })
  })
})
