import { explain } from "@sheaf/domain/documents/FailureCause"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Schedule } from "effect"
import { SomeFailed } from "../../terminal/failures.ts"
import { printable } from "../../terminal/style.ts"

/** Waits until the search index agrees with a document. Ends as failed where the index has refused something. */
export const inStep = Effect.fnUntraced(function*(documentId: string) {
  const { documents } = yield* Sheaf
  const { indexCause, indexState } = yield* documents.get(documentId).pipe(
    Effect.repeat({ while: ({ indexState }) => indexState === "pending", schedule: Schedule.spaced("250 millis") })
  )
  if (indexState !== "failed") return
  return yield* new SomeFailed({
    message: indexCause === null ? "The search index does not follow." : printable(explain(indexCause).message),
    hint: "Readers see what you asked for; the index is tried again by itself."
  })
})
