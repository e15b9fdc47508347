import { SegmentEdits } from "@sheaf/adapters/lifecycle/SegmentEdits"
import { transact } from "@sheaf/adapters/repos/rows"
import { SegmentChangesRepo } from "@sheaf/adapters/repos/segments/SegmentChangesRepo"
import type { SegmentId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { makeDataset, makeDocument, makeTenant, some } from "../repos/world.ts"
import { all, publish, recount } from "./versions.ts"

export const prepared = (text: string, ...headingPath: ReadonlyArray<string>) => ({
  text,
  headingPath,
  tokens: text.length
})

/** A published document of these texts, and what can be done to it. */
export const published = Effect.fnUntraced(function*(...texts: ReadonlyArray<string>) {
  const { caller } = yield* makeTenant
  const made = yield* makeDocument(caller, yield* makeDataset(caller))
  yield* publish(caller, made, texts, { runId: made.runId })
  const edits = yield* SegmentEdits
  const changes = yield* SegmentChangesRepo
  const sql = yield* SqlClient.SqlClient
  const { documentId } = made
  const list = all(caller, made)
  const find = (text: string) => Effect.map(list, (segments) => segments.find((segment) => segment.text === text)!)
  const counted = <A, E, R>(change: Effect.Effect<A, E, R>) =>
    transact(sql)(change).pipe(Effect.tap(() => recount(caller, made)))
  return {
    caller,
    made,
    documentId,
    list,
    find,
    sql,
    texts: Effect.map(list, (segments) => segments.map(({ text }) => text)),
    add: (text: string, options: {
      readonly after?: SegmentId | null
      readonly parentId?: SegmentId
      readonly keywords?: ReadonlyArray<string>
    } = {}) =>
      counted(edits.add(caller, {
        documentId,
        ...prepared(text),
        after: options.after,
        parentId: options.parentId,
        keywords: options.keywords ?? []
      })),
    edit: (segmentId: SegmentId, text: string | undefined, options: {
      readonly ifVersion?: number
      readonly keywords?: ReadonlyArray<string>
    } = {}) =>
      counted(edits.edit(caller, {
        documentId,
        segmentId,
        passage: text === undefined ? undefined : prepared(text),
        keywords: options.keywords,
        ifVersion: options.ifVersion
      })),
    remove: (...segmentIds: ReadonlyArray<SegmentId>) => counted(edits.remove(caller, { documentId, segmentIds })),
    again: (texts: ReadonlyArray<string>, options?: { readonly edits: "keep" | "discard" }) =>
      publish(caller, made, texts, options).pipe(Effect.tap(() => recount(caller, made))),
    changes: Effect.map(changes.list(caller.tenantId, { documentId, limit: 200 }), (page) => some(page).items)
  }
})
