import { ProgressRepo } from "@sheaf/adapters/repos/documents/ProgressRepo"
import { DocumentProgress } from "@sheaf/domain/documents/Document"
import { DocumentNotFound } from "@sheaf/domain/documents/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { DocumentId } from "@sheaf/domain/ids"
import { isFinal } from "@sheaf/domain/runs/Run"
import { Context, Effect, Layer, Option, Stream } from "effect"
import { type Look, Looks } from "./Looks.ts"

/** How the work on documents goes on. */
export class Progress extends Context.Service<Progress, {
  /**
   * How the newest run of a document stands now, then each change that is seen, until it has ended or the document is deleted. A slow
   * reader is given the newest look, never a backlog.
   */
  readonly watch: (
    caller: Caller,
    options: { readonly documentId: DocumentId; readonly after?: number }
  ) => Stream.Stream<DocumentProgress, DocumentNotFound>
}>()("@sheaf/server/documents/Progress") {
  static readonly layer = Layer.effect(
    Progress,
    Effect.gen(function*() {
      const repo = yield* ProgressRepo
      const looks = yield* Looks

      /** The last look at a document that is deleted while it is watched; fails when it is only hidden from this caller. */
      const end = Effect.fnUntraced(function*(caller: Caller, documentId: DocumentId, seen: Seen, look: Look) {
        if (!seen.any) return yield* new DocumentNotFound({ documentId })
        if (look !== undefined && look !== null) return look
        if (seen.last === null || !(yield* repo.isGone(caller.tenantId, documentId))) {
          return yield* new DocumentNotFound({ documentId })
        }
        // The row is gone already, and its run was stopped with it.
        const { revision, state } = seen.last
        return new DocumentProgress({
          ...seen.last,
          status: "deleting",
          revision: revision + 1,
          state: isFinal(state) ? state : "cancelled"
        })
      })

      const watch: Progress["Service"]["watch"] = (caller, { after, documentId }) =>
        Stream.unwrap(Effect.gen(function*() {
          const next = yield* looks.follow(caller, documentId)
          const step = Effect.fnUntraced(function*(seen: Seen) {
            for (;;) {
              const look = yield* next
              if (look === undefined || look?.status === "deleting") {
                return [[yield* end(caller, documentId, seen, look)], Option.none<Seen>()] as const
              }
              if (look === null) continue
              const { revision, state } = look
              const isNew = revision > seen.revision
              if (isFinal(state)) return [isNew ? [look] : [], Option.none<Seen>()] as const
              if (isNew) return [[look], Option.some<Seen>({ any: true, revision, last: look })] as const
            }
          })
          return Stream.paginate<Seen, DocumentProgress, DocumentNotFound>(
            { any: after !== undefined, revision: after ?? -1, last: null },
            step
          )
        }))

      return Progress.of({ watch })
    })
  )
}

/** What the reader of a stream has seen, in it or before. */
interface Seen {
  readonly any: boolean
  readonly revision: number
  readonly last: DocumentProgress | null
}
