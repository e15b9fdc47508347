import { Control } from "@sheaf/adapters/lifecycle/Control"
import { Details } from "@sheaf/adapters/lifecycle/Details"
import { DetailsRepo } from "@sheaf/adapters/repos/documents/DetailsRepo"
import type { Known } from "@sheaf/adapters/repos/syncs/knownItem"
import { SyncsRepo, type SyncWork } from "@sheaf/adapters/repos/syncs/SyncsRepo"
import { type ItemChange, SyncTurnsRepo } from "@sheaf/adapters/repos/syncs/SyncTurnsRepo"
import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { maxFields, type Metadata } from "@sheaf/domain/documents/Metadata"
import type { RunId } from "@sheaf/domain/ids"
import { isInStep, pausedBy } from "@sheaf/domain/syncs/lookAt"
import type { SyncResult } from "@sheaf/domain/syncs/SyncResult"
import { Effect, Equal, Option } from "effect"
import type { Work } from "../../pipeline/Stage.ts"
import { arriving } from "./arriving.ts"
import { tombstones } from "./goneBy.ts"
import type { Reading } from "./reading.ts"

/** What stands in for the title of a page that has none. */
const untitled = "Untitled"

/**
 * Makes of what was read what follows from it: another version beside the one that serves, another name, other fields, or nothing. What is kept
 * of the reading is written in the same transaction. Answers why there can be no such version, if there cannot.
 */
export const applying = Effect.gen(function*() {
  const arrive = yield* arriving
  const control = yield* Control
  const details = yield* Details
  const detailsRepo = yield* DetailsRepo
  const { show } = yield* tombstones
  const syncs = yield* SyncsRepo
  const turns = yield* SyncTurnsRepo

  return Effect.fn("syncSource.apply")(function*(
    work: Work<"SyncSource">,
    sync: SyncWork,
    known: Known,
    { fetchedAt, more, page, snapshot }: Reading
  ) {
    const { claim: { lane, tenantId }, write } = work
    const { document, documentId, id: itemId } = known
    const by = { tenantId, actor: sync.actor }
    const { contentHash, databases, unsupported } = snapshot
    const title = snapshot.title.trim() === "" ? untitled : snapshot.title
    const now = documentId === null ? Option.none() : yield* detailsRepo.find(tenantId, documentId)
    const metadata = merged(Option.isSome(now) ? now.value.metadata : {}, known.fields, snapshot.metadata)
    const saysOther = Option.isSome(now) && !Equal.equals(now.value.metadata, metadata)
    const isRenamed = documentId !== null && known.title !== title
    const isSame = document !== null && known.contentHash === contentHash && document.newestHash === contentHash

    const resultOf = (isChanged: boolean): SyncResult => {
      if (documentId === null) return { _tag: "Created", unsupported }
      if (isRenamed) return { _tag: "Renamed", from: known.title, to: title, changed: isChanged, unsupported }
      return isChanged || saysOther ? { _tag: "Updated", unsupported } : { _tag: "Unchanged" }
    }
    const change: ItemChange = {
      title,
      url: page.url,
      state: "present",
      hidden: null,
      read: { contentHash, editedAt: page.editedAt, fetchedAt, fields: Object.keys(snapshot.metadata), databases }
    }
    /** Part of a transaction that has taken the item's turn. */
    const settle = Effect.fnUntraced(function*(
      isChanged: boolean,
      made: { readonly documentId?: typeof documentId & string; readonly runId?: RunId | null } = {}
    ) {
      yield* show(by, known)
      if (more.length > 0) {
        const followed = yield* turns.follow(tenantId, sync.sourceId, more)
        yield* syncs.owe(tenantId, sync.id, followed.filter(({ isNew }) => isNew).map(({ id }) => id))
      }
      const { documentId, runId } = made
      yield* turns.settle(tenantId, sync.id, itemId, {
        result: resultOf(isChanged),
        change: { ...change, ...(documentId !== undefined && { documentId }) },
        ...(runId !== undefined && { runId })
      })
    })
    /** Whether it is still this item's turn: somebody may have paused it meanwhile. */
    const take = Effect.gen(function*() {
      if (!(yield* turns.take(tenantId, sync.id, itemId))) return false
      const again = yield* turns.item(tenantId, itemId)
      const why = Option.isNone(again) ? null : pausedBy(again.value)
      if (why === null) return true
      yield* turns.settle(tenantId, sync.id, itemId, { result: { _tag: "Paused", why }, change: null })
      return false
    })

    if (!isSame) {
      // What somebody has called the document stays, until the page is called otherwise.
      const name = Option.isSome(now) && !isRenamed ? now.value.name : title
      const version = { itemId, snapshot, name, metadata, documentId }
      const arrived = yield* arrive(work, sync, version, take, (made) => settle(true, made))
      return arrived !== null && "refused" in arrived ? arrived.refused : null
    }

    // The same bytes: what else is said of it, and a run where the one before could not make a version of them.
    const rest = Effect.gen(function*() {
      if (!(yield* take)) return
      if (isRenamed) yield* details.rename(by, { documentId: known.documentId!, name: title })
      if (saysOther) yield* details.setMetadata(by, { documentId: known.documentId!, metadata, mode: "replace" })
      const isBuilt = isInStep(known)
      const runId = isBuilt ? undefined : yield* control.begin(by, { documentId: known.documentId!, lane })
      yield* settle(!isBuilt, runId === undefined ? {} : { runId })
    })
    return yield* write(rest).pipe(
      Effect.as<FailureCause | null>(null),
      Effect.catchTags({
        MetadataInvalid: ({ message }) =>
          Effect.succeed({ _tag: "StepFailed" as const, step: "metadata", detail: message, retryable: false }),
        // Deleted at this moment: the next sync finds out.
        DocumentNotFound: () => Effect.succeed(null),
        // Nobody asked for a free name, or for a version.
        DocumentNameTaken: (error) => Effect.die(error),
        Conflict: (error) => Effect.die(error)
      })
    )
  })
})

/** The fields of a document, with those of its page as they are now: what people have added stays. */
const merged = (now: Metadata, before: ReadonlyArray<string>, given: Metadata): Metadata => {
  const own = Object.entries(now).filter(([name]) => !before.includes(name) && !(name in given))
  return Object.fromEntries([...own, ...Object.entries(given)].slice(0, maxFields))
}
