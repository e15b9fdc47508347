import { SearchIndexError } from "@sheaf/adapters/search/SearchIndex"
import { Duration, Effect } from "effect"
import { ofIndex } from "../stages/failures.ts"

/** An index is asked while locks are held: it answers in milliseconds, or this is done another time. */
const patience = Duration.seconds(5)

const silent = new SearchIndexError({
  operation: "reconcile",
  isRetryable: true,
  cause: new Error("no answer in time")
})

/** What an index answers within a transaction. */
export const promptly = <A>(effect: Effect.Effect<A, SearchIndexError>) =>
  effect.pipe(
    Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.fail(silent) }),
    Effect.mapError(ofIndex)
  )
