import { Effect } from "effect"
import { acts, type Target } from "./acts.ts"
import type { Act, Scenario } from "./Scenario.ts"
import * as Steps from "./steps.ts"

type Change = (target: Target) => Act

/** A change of a published document, after others. */
const changing = (change: Change, ...before: ReadonlyArray<Change>): Scenario =>
  Effect.fnUntraced(function*(actor) {
    const target = yield* Steps.target(actor)
    for (const earlier of before) {
      yield* earlier(target)(actor)
      yield* actor.rest
    }
    return change(target)
  })

/** A change of a document whose newest run nobody works on, so that there is something to control; after others. */
const controlling = (change: Change, ...before: ReadonlyArray<Change>): Scenario =>
  Effect.fnUntraced(function*(actor) {
    const target = yield* Steps.target(actor)
    yield* actor.hold(acts.DocumentsRetry(target)(actor))
    for (const earlier of before) yield* earlier(target)(actor)
    return change(target)
  })

export const documents = {
  DocumentsUpload: Effect.fnUntraced(function*(actor) {
    const datasetId = yield* Steps.dataset(actor)
    const bytes = Buffer.from(Steps.text("upload"))
    return (actor) => Steps.upload(actor, datasetId, { name: "upload.md", bytes })
  }),
  DocumentsIngestText: Effect.fnUntraced(function*(actor) {
    const datasetId = yield* Steps.dataset(actor)
    return (actor) => Steps.ingest(actor, datasetId)
  }),
  DocumentsReplace: changing(acts.DocumentsReplace),
  DocumentsRename: changing(acts.DocumentsRename),
  DocumentsSetMetadata: changing(acts.DocumentsSetMetadata),
  DocumentsRun: changing(acts.DocumentsRun),
  DocumentsRetry: changing(acts.DocumentsRetry),
  DocumentsCancel: controlling(acts.DocumentsCancel),
  DocumentsPause: controlling(acts.DocumentsPause),
  DocumentsResume: controlling(acts.DocumentsResume, acts.DocumentsPause),
  DocumentsPrioritise: controlling(acts.DocumentsPrioritise),
  DocumentsBulk: Effect.fnUntraced(function*(actor) {
    const target = yield* Steps.target(actor)
    yield* Steps.published(actor, "other", target.datasetId)
    return acts.DocumentsBulk(target)
  }),
  OperationsCancel: Effect.fnUntraced(function*(actor) {
    const target = yield* Steps.target(actor)
    const { id: operationId } = yield* actor.hold(acts.DocumentsBulk(target)(actor))
    return ({ call, client, once }) => call(client.OperationsCancel({ operationId, ...once("cancel") }))
  }),
  DocumentsDelete: Effect.fnUntraced(function*(actor) {
    const target = yield* Steps.target(actor)
    yield* Steps.published(actor, "other", target.datasetId)
    return acts.DocumentsDelete(target)
  }),
  DocumentsDisable: changing(acts.DocumentsDisable),
  DocumentsEnable: changing(acts.DocumentsEnable, acts.DocumentsDisable),
  DocumentsArchive: changing(acts.DocumentsArchive),
  DocumentsUnarchive: changing(acts.DocumentsUnarchive, acts.DocumentsArchive),
  SegmentsDisable: changing(acts.SegmentsDisable),
  SegmentsEnable: changing(acts.SegmentsEnable, acts.SegmentsDisable),
  SegmentsAdd: changing(acts.SegmentsAdd),
  SegmentsEdit: changing(acts.SegmentsEdit),
  SegmentsDelete: changing(acts.SegmentsDelete),
  SegmentsForgetChanges: changing(
    ({ documentId }) => ({ call, client, once }) =>
      call(client.SegmentsChanges({ documentId })).pipe(
        Effect.flatMap(({ items }) =>
          call(client.SegmentsForgetChanges({ documentId, changeIds: items.map(({ id }) => id), ...once("forget") }))
        )
      ),
    acts.SegmentsEdit
  )
} satisfies Record<string, Scenario>
