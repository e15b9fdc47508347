import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { Signals } from "@sheaf/adapters/signals/Signals"
import type { DocumentProgress } from "@sheaf/domain/documents/Document"
import { DocumentNotFound } from "@sheaf/domain/documents/errors"
import { progressOf } from "@sheaf/domain/documents/progressOf"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { DocumentId } from "@sheaf/domain/ids"
import { isFinal } from "@sheaf/domain/runs/Run"
import { Context, Effect, Layer, Option, Stream } from "effect"
import { conflated } from "../edge/conflated.ts"

/** How the work on documents goes on. */
export class Progress extends Context.Service<Progress, {
  /**
   * How the newest run of a document stands now, then each change that is seen, until it has ended. A slow reader is given the
   * newest look, never a backlog.
   */
  readonly watch: (
    caller: Caller,
    options: { readonly documentId: DocumentId; readonly after?: number }
  ) => Stream.Stream<DocumentProgress, DocumentNotFound>
}>()("@sheaf/server/documents/Progress") {
  static readonly layer = Layer.effect(
    Progress,
    Effect.gen(function*() {
      const documents = yield* DocumentsRepo
      const signals = yield* Signals

      const look = Effect.fnUntraced(function*(caller: Caller, documentId: DocumentId) {
        const found = yield* documents.progress(caller, documentId)
        if (Option.isNone(found)) return yield* new DocumentNotFound({ documentId })
        return progressOf(found.value.document, found.value.since)
      })

      const watch: Progress["Service"]["watch"] = (caller, { after = -1, documentId }) =>
        Stream.unwrap(Effect.gen(function*() {
          const changes = yield* signals.subscribe("RunChanged")
          const own = Stream.filter(changes, (signal) => signal.documentId === documentId.toLowerCase())
          const changed = yield* conflated(own)
          const next = Effect.fnUntraced(function*(seen: number) {
            let progress = yield* look(caller, documentId)
            while (progress === null || progress.revision <= seen && !isFinal(progress.state)) {
              yield* changed
              progress = yield* look(caller, documentId)
            }
            const rest = isFinal(progress.state) ? Option.none<number>() : Option.some(progress.revision)
            return [progress.revision > seen ? [progress] : [], rest] as const
          })
          return Stream.paginate(after, next)
        }))

      return Progress.of({ watch })
    })
  )
}
