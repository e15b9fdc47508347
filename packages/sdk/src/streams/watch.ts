import type { DocumentProgress } from "@sheaf/domain/documents/Document"
import type { DocumentId, RunId } from "@sheaf/domain/ids"
import { isFinal } from "@sheaf/domain/runs/Run"
import { Effect } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { Endpoint } from "../connection/Endpoint.ts"
import type { CallError } from "../connection/rpc.ts"
import type { Feed } from "./Feed.ts"
import { makeLatest } from "./latest.ts"
import { persistent, type Standing } from "./persistent.ts"

export type WatchError = CallError<"DocumentsWatch">

/** A look at the work that was seen before: any `DocumentProgress`, or what was kept of it. */
export interface Seen {
  readonly runId: RunId | string
  readonly revision: number
}

/**
 * Progress of a document's newest run until it is final or the document is deleted, whatever happens to the connection: nothing is shown twice, and what a
 * slow reader has no time for is merged into the newest look.
 */
export const watch = (
  services: { readonly calls: Calls; readonly endpoint: Endpoint },
  documentId: DocumentId,
  after?: Seen
): Feed<DocumentProgress, WatchError> =>
  Effect.gen(function*() {
    const standing: Standing = { established: false, failures: 0 }
    const latest = makeLatest<DocumentProgress, WatchError>()
    let seen = after
    let newest: DocumentProgress | undefined
    const look = (progress: DocumentProgress) => {
      standing.established = true
      standing.failures = 0
      newest = progress
      if (seen?.runId === progress.runId && progress.revision <= seen.revision) return
      seen = progress
      latest.put(progress)
    }
    const follow: Effect.Effect<void, WatchError> = Effect.suspend(() =>
      services.calls.subscribe("DocumentsWatch", { documentId, ...(newest && { after: newest.revision }) }, look).pipe(
        // The end of a subscription is not the end of the work.
        Effect.andThen(Effect.suspend(() =>
          newest && (isFinal(newest.state) || newest.status === "deleting")
            ? Effect.void
            : Effect.andThen(Effect.sleep(1_000), follow)
        ))
      )
    )
    const { endpoint } = services
    yield* Effect.forkScoped(
      Effect.onExit(
        persistent(follow, { operation: "DocumentsWatch", endpoint, standing }),
        (exit) => Effect.sync(() => latest.end(exit))
      )
    )
    return latest.take
  })
