import type { Document, DocumentProgress } from "@sheaf/domain/documents/Document"
import type { DocumentId } from "@sheaf/domain/ids"
import { isFinal } from "@sheaf/domain/runs/Run"
import { Effect } from "effect"
import type { Calls } from "../connection/Calls.ts"
import { type Endpoint, millis } from "../connection/Endpoint.ts"
import type { CallError } from "../connection/rpc.ts"
import { DocumentCancelled, StillRunning } from "../errors/client.ts"
import { type Failure, failureOf } from "../errors/failures.ts"
import { watch, type WatchError } from "../streams/watch.ts"
import type { DoneOptions } from "./Documents.ts"

export type DoneError = Failure | DocumentCancelled | StillRunning | WatchError | CallError<"DocumentsGet">

/** Waits for the end of a document's newest run. Only a final state ends it: a lost connection is waited for. */
export const done = (
  services: { readonly calls: Calls; readonly endpoint: Endpoint },
  documentId: DocumentId,
  options: DoneOptions = {}
): Effect.Effect<Document, DoneError> =>
  Effect.suspend(() => {
    let newest: DocumentProgress | null = null
    const waited = Effect.gen(function*() {
      const next = yield* watch(services, documentId)
      while (true) {
        const looks = yield* next
        if (looks === undefined) break
        for (const progress of looks) {
          newest = progress
          options.onProgress?.({ type: "progress", progress })
        }
      }
      const document = yield* outcome(services, newest)
      options.onProgress?.({ type: "done", document })
      return document
    }).pipe(Effect.scoped)
    if (options.deadline === undefined) return waited
    const limitMs = millis(options.deadline)
    return Effect.timeoutOrElse(waited, {
      duration: limitMs,
      orElse: () => Effect.fail(new StillRunning({ documentId, limitMs, progress: newest }))
    })
  })

const outcome = Effect.fnUntraced(function*(
  { calls }: { readonly calls: Calls },
  last: DocumentProgress | null
): Effect.fn.Return<Document, DoneError> {
  // The server says what became of it.
  if (last?.status === "deleting") return yield* calls.query("DocumentsGet", { documentId: last.documentId })
  if (last === null || !isFinal(last.state)) return yield* Effect.die("a watch ended before the run did")
  const { cause, documentId, state } = last
  if (state === "cancelled") return yield* new DocumentCancelled({ documentId, progress: last })
  if (state === "failed") {
    return yield* failureOf(last, cause ?? { _tag: "Internal", reference: `run ${last.runId}` })
  }
  return yield* calls.query("DocumentsGet", { documentId })
})
