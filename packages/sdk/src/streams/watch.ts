import type { DocumentProgress } from "@sheaf/domain/documents/Document"
import type { DocumentId, RunId } from "@sheaf/domain/ids"
import { isFinal } from "@sheaf/domain/runs/Run"
import { Effect, Queue, Stream } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { Endpoint } from "../connection/Endpoint.ts"
import type { CallError } from "../connection/rpc.ts"
import { persistent, type Standing } from "./persistent.ts"

export type WatchError = CallError<"DocumentsWatch">

/** A look at the work that was seen before: any `DocumentProgress`, or what was kept of it. */
export interface Seen {
  readonly runId: RunId | string
  readonly revision: number
}

/**
 * Progress of a document's newest run until it is final, whatever happens to the connection: nothing is shown twice, and what a
 * slow reader has no time for is merged into the newest look.
 */
export const watch = (
  services: { readonly calls: Calls; readonly endpoint: Endpoint },
  documentId: DocumentId,
  after?: Seen
): Stream.Stream<DocumentProgress, WatchError> =>
  Stream.callback<DocumentProgress, WatchError>((queue) => {
    const standing: Standing = { established: false, failures: 0 }
    let seen = after
    let newest: DocumentProgress | undefined
    const look = (progress: DocumentProgress) => {
      standing.established = true
      standing.failures = 0
      newest = progress
      if (seen?.runId === progress.runId && progress.revision <= seen.revision) return
      seen = progress
      Queue.offerUnsafe(queue, progress)
    }
    const follow: Effect.Effect<void, WatchError> = Effect.suspend(() =>
      services.calls.subscribe("DocumentsWatch", { documentId }, look).pipe(
        // The end of a subscription is not the end of the work.
        Effect.andThen(Effect.suspend(() =>
          newest && isFinal(newest.state) ? Effect.void : Effect.andThen(Effect.sleep("1 second"), follow)
        ))
      )
    )
    return Effect.andThen(
      persistent(follow, { operation: "DocumentsWatch", endpoint: services.endpoint, standing }),
      Queue.end(queue)
    )
  }, { bufferSize: 1, strategy: "sliding" })
