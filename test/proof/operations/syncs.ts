import { Effect } from "effect"
import type { DatasetId, SyncItemId, SyncSourceId } from "@sheaf/domain/ids"
import type { Workspace } from "../../support/notion/Workspace.ts"
import { paragraph } from "../../support/notion/Workspace.ts"
import type { Actor } from "../world/Actor.ts"
import type { Act, Scenario } from "./Scenario.ts"
import * as Steps from "./steps.ts"

const root = "11111111-0000-4000-8000-000000000001"
const child = "11111111-0000-4000-8000-000000000002"

/** Edited long before every sync, and the same in every trial. */
const editedAt = Date.UTC(2026, 0, 1)

/** What the installation's workspace of Notion holds. */
export const stock = (workspace: Workspace): void => {
  const pages = [
    { id: root, title: "Logs", blocks: [paragraph("The hyper log tells of anchors and sails.")] },
    {
      id: child,
      title: "Watch",
      parent: { kind: "page" as const, id: root },
      blocks: [paragraph("The watch tells of masts and ropes.")]
    }
  ]
  for (const page of pages) workspace.addPage(page).editedAt = editedAt
}

const bring = Effect.fnUntraced(function*(actor: Actor) {
  const { call, client, once } = actor
  const datasetId = yield* Steps.dataset(actor)
  const { id: connectionId } = yield* call(client.ConnectionsCreate({ token: "ntn_double", ...once("connection") }))
  const act: Act = ({ call, client, once }) =>
    call(client.SyncsImport({ connectionId, datasetId, selection: [root], ...once("import") }))
  return { connectionId, datasetId, act }
})

/** A dataset that follows two pages. */
export const followed = Effect.fnUntraced(function*(actor: Actor) {
  const { act, connectionId, datasetId } = yield* bring(actor)
  yield* act(actor)
  yield* actor.rest
  return { connectionId, ...(yield* actor.remember("followed", firstOf(actor, datasetId))) }
})

const firstOf = Effect.fnUntraced(function*({ call, client }: Actor, datasetId: DatasetId) {
  const { items: [source] } = yield* call(client.SyncSourcesList({ datasetId }))
  const sourceId = source!.id
  const { items } = yield* call(client.SyncItemsList({ sourceId }))
  const { documentId, id: itemId } = items.find(({ externalId }) => externalId === root)!
  return { sourceId, itemId, documentId: documentId! }
})

const changing = (
  change: (of: { readonly sourceId: SyncSourceId; readonly itemId: SyncItemId }) => Act
): Scenario =>
(actor) => Effect.map(followed(actor), change)

export const syncs = {
  SyncsImport: (actor) => Effect.map(bring(actor), ({ act }) => act),
  /** What the page says takes the place of what somebody has sent by hand. */
  SyncsBegin: Effect.fnUntraced(function*(actor) {
    const { documentId, sourceId } = yield* followed(actor)
    const { call, client, once } = actor
    const bytes = Buffer.from(Steps.text("by hand"))
    const { uploadId } = yield* call(client.DocumentsReplace({ documentId, size: bytes.length, ...once("replace") }))
    yield* Steps.send(actor, uploadId, bytes)
    yield* actor.rest
    return ({ call, client, once }) => call(client.SyncsBegin({ sourceId, ...once("sync") }))
  }),
  SyncsCancel: Effect.fnUntraced(function*(actor) {
    const { sourceId } = yield* followed(actor)
    const { call, client, once } = actor
    const { id: syncId } = yield* actor.hold(call(client.SyncsBegin({ sourceId, ...once("sync") })))
    return ({ call, client, once }) => call(client.SyncsCancel({ syncId, ...once("cancel") }))
  }),
  SyncSourcesUpdate: changing(({ sourceId }) => ({ call, client, once }) =>
    call(client.SyncSourcesUpdate({ sourceId, everyMinutes: 60, onGone: "disable", ...once("update") }))
  ),
  SyncSourcesDelete: changing(({ sourceId }) => ({ call, client, once }) =>
    call(client.SyncSourcesDelete({ sourceId, ...once("unfollow") }))
  ),
  SyncItemsPause: changing(({ itemId }) => ({ call, client, once }) =>
    call(client.SyncItemsPause({ itemId, ...once("pause") }))
  ),
  SyncItemsResume: changing(({ itemId }) => ({ call, client, once }) =>
    call(client.SyncItemsResume({ itemId, ...once("resume") }))
  )
} satisfies Record<string, Scenario>
