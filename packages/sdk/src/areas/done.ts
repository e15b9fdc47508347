import type { Document, DocumentProgress } from "@sheaf/domain/documents/Document"
import type { DocumentId } from "@sheaf/domain/ids"
import { isFinal } from "@sheaf/domain/runs/Run"
import { Duration, Effect, Stream } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { Endpoint } from "../connection/Endpoint.ts"
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
    const waited = watch(services, documentId).pipe(
      Stream.runForEach((progress) =>
        Effect.sync(() => {
          newest = progress
          options.onProgress?.({ type: "progress", progress })
        })
      ),
      Effect.andThen(Effect.suspend(() => outcome(services, newest))),
      Effect.tap((document) => Effect.sync(() => options.onProgress?.({ type: "done", document })))
    )
    if (options.deadline === undefined) return waited
    const duration = Duration.fromInputUnsafe(options.deadline)
    const limitMs = Duration.toMillis(duration)
    return Effect.timeoutOrElse(waited, {
      duration,
      orElse: () => Effect.fail(new StillRunning({ documentId, limitMs, progress: newest }))
    })
  })

const outcome = Effect.fnUntraced(function*(
  { calls }: { readonly calls: Calls },
  last: DocumentProgress | null
): Effect.fn.Return<Document, DoneError> {
  if (last === null || !isFinal(last.state)) return yield* Effect.die("a watch ended before the run did")
  const { cause, documentId, state } = last
  if (state === "cancelled") return yield* new DocumentCancelled({ documentId, progress: last })
  if (state === "failed") {
    return yield* failureOf(last, cause ?? { _tag: "Internal", reference: `run ${last.runId}` })
  }
  return yield* calls.query("DocumentsGet", { documentId })
})
