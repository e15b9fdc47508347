import type { SearchIndexError } from "@sheaf/adapters/search/SearchIndex"
import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { Effect } from "effect"

/** What the index or the embedder does not want, and why. The others are not held up by it. */
export interface Refusal<A> {
  readonly items: ReadonlyArray<A>
  readonly cause: FailureCause
}

/** The index has said no; that it did not answer is another matter. */
export const indexRefused = ({ cause, operation }: SearchIndexError): FailureCause => ({
  _tag: "IndexRefused",
  detail: `${operation}: ${cause instanceof Error ? cause.message : String(cause)}`
})

/** Writes a batch; one that is refused is halved until those are found that are to blame. */
export const writeHalving = <A>(
  items: ReadonlyArray<A>,
  write: (items: ReadonlyArray<A>) => Effect.Effect<void, SearchIndexError>
): Effect.Effect<ReadonlyArray<Refusal<A>>, SearchIndexError> =>
  write(items).pipe(
    Effect.as<ReadonlyArray<Refusal<A>>>([]),
    Effect.catch((error) => {
      if (error.isRetryable) return Effect.fail(error)
      if (items.length === 1) return Effect.succeed([{ items, cause: indexRefused(error) }])
      const half = items.length >> 1
      return Effect.map(
        Effect.all([writeHalving(items.slice(0, half), write), writeHalving(items.slice(half), write)]),
        (found) => found.flat()
      )
    })
  )
