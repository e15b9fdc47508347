import { IndexSync } from "@sheaf/adapters/lifecycle/IndexSync"
import { KeptChangesRepo, type PendingChange } from "@sheaf/adapters/repos/segments/KeptChangesRepo"
import { type DocumentId, type RunId, SegmentId, type TenantId } from "@sheaf/domain/ids"
import type { EditConflict } from "@sheaf/domain/segments/SegmentChange"
import { Effect } from "effect"
import { type Applied, applyChanges } from "./applyChanges.ts"

interface Version {
  readonly tenantId: TenantId
  readonly documentId: DocumentId
  readonly runId: RunId
  /** How many segments the run has cut. */
  readonly size: number
}

/** Conflicts that a run shows; all of them can be listed. */
const shownConflicts = 100

/** What the version will have more, or less, than what was cut, and how it comes by it. */
export interface Plan {
  readonly segments: number
  readonly tokens: number
  readonly carryOut: Effect.Effect<void>
}

/**
 * Does again what was changed by hand, in the transaction that publishes a run: whoever changes something waits for the document's lock,
 * so a change is either in the version that was published before, and is done again here, or is made to the new one. Looks first, and
 * writes when it is told to.
 */
export const keepChanges = Effect.gen(function*() {
  const index = yield* IndexSync
  const repo = yield* KeptChangesRepo

  const carryOut = Effect.fnUntraced(function*(
    { documentId, runId, tenantId }: Version,
    changes: ReadonlyArray<PendingChange>,
    { absorbed, conflicts, membership }: Applied,
    taken: ReadonlyArray<SegmentId>
  ) {
    const run = { documentId, runId }
    const byId = new Map<string, PendingChange>(changes.map((change) => [change.id, change]))
    const absorptions = new Map<string, string | null>(absorbed.map(({ changeId, deletes }) => [changeId, deletes]))
    const inConflict = new Map(conflicts.map(({ changeId, reason }) => [changeId, reason]))
    const kept = changes.filter(({ kept }) => kept)
    yield* repo.forget(tenantId, changes.filter(({ kept }) => !kept).map(({ id }) => id))
    yield* repo.absorb(
      tenantId,
      kept.flatMap(({ id, segmentId }) => {
        const deletes = absorptions.get(id)
        return deletes === undefined || segmentId === null ? [] : [{ id, segmentId, deletes: deletes !== null }]
      })
    )
    yield* repo.park(
      tenantId,
      kept.filter(({ id, parked, segmentId }) => inConflict.has(id) && !parked && segmentId !== null)
    )
    const places = membership.flatMap(({ changeId, instead, ordinal, parentId, segmentId }) => {
      const change = changeId === null ? undefined : byId.get(changeId)
      return change === undefined ? [] : [{
        change,
        from: instead === null ? null : SegmentId.make(instead),
        placed: {
          segmentId: SegmentId.make(segmentId),
          ordinal,
          parentId: parentId === null ? null : SegmentId.make(parentId)
        }
      }]
    })
    const revived = places.filter(({ change }) => change.parked).map(({ change }) => change.id)
    yield* repo.unpark(tenantId, run, revived)
    yield* repo.swap(
      tenantId,
      runId,
      places.flatMap(({ from, placed }) => from === null ? [] : [{ from, to: placed.segmentId }])
    )
    yield* repo.take(tenantId, runId, taken)
    yield* repo.place(tenantId, run, places.filter(({ from }) => from === null).map(({ placed }) => placed))
    yield* repo.rejoin(tenantId, run)
    const shown = kept.flatMap(({ excerpt, id, kind, originalId }): ReadonlyArray<EditConflict> => {
      const reason = inConflict.get(id)
      return reason === undefined ? [] : [{ changeId: id, kind, reason, originalId, excerpt }]
    })
    yield* repo.conflicts(tenantId, run, shown.map(({ changeId }) => changeId), shown.slice(0, shownConflicts))
    // What no version had has no entry in the index; the run has seen to all others.
    if (revived.length > 0) yield* index.touch(tenantId, documentId, { all: false })
  })

  return Effect.fnUntraced(function*(version: Version): Effect.fn.Return<Plan> {
    const { runId, size, tenantId } = version
    const changes = yield* repo.pending(tenantId, version)
    if (changes.length === 0) return { segments: 0, tokens: 0, carryOut: Effect.void }
    const kept = changes.filter((change) => change.kept)
    const named = new Set(
      kept.flatMap((change) =>
        [change.originalId, change.segmentId, change.afterId, change.parentId].filter((id) => id !== null)
      )
    )
    const cut = yield* repo.cut(tenantId, runId, [...named])
    const applied = applyChanges(cut, size, kept)
    const there = new Set(applied.membership.flatMap(({ instead, segmentId }) => [segmentId, instead]))
    const taken = cut.filter(({ segmentId }) => !there.has(segmentId)).map(({ segmentId }) => segmentId)
    const tokensOf = new Map<string, number>([
      ...kept.map(({ segmentId, tokens }) => [segmentId ?? "", tokens] as const),
      ...cut.map(({ segmentId, tokens }) => [segmentId, tokens] as const)
    ])
    const sum = (ids: ReadonlyArray<string>) => ids.reduce((total, id) => total + (tokensOf.get(id) ?? 0), 0)
    return {
      segments: applied.membership.length - cut.length,
      tokens: sum(applied.membership.map(({ segmentId }) => segmentId)) - sum(cut.map(({ segmentId }) => segmentId)),
      carryOut: carryOut(version, changes, applied, taken)
    }
  })
})
