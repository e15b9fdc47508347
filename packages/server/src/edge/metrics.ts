import { Cause, Clock, Effect, Exit, Metric, Predicate } from "effect"

const boundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

const requests = Metric.counter("sheaf_requests_total", {
  description: "Calls by operation and outcome (ok, interrupted, or the error's tag).",
  incremental: true
})

const seconds = Metric.histogram("sheaf_request_seconds", {
  description: "Time from a call to its answer; streams are counted, not timed.",
  boundaries
})

export const uploadedBytes = Metric.counter("sheaf_upload_bytes_total", {
  description: "Bytes of documents received.",
  incremental: true
})

export const uploadAnswerSeconds = Metric.histogram("sheaf_upload_answer_seconds", {
  description: "Time from the last byte of an upload to its answer.",
  boundaries
})

export const searchSeconds = Metric.histogram("sheaf_search_seconds", {
  description: "Time of a search by part.",
  boundaries
})

const outcomeOf = (exit: Exit.Exit<unknown, unknown>): string => {
  if (Exit.isSuccess(exit)) return "ok"
  const failure = exit.cause.reasons.find(Cause.isFailReason)
  if (failure === undefined) return "interrupted"
  return Predicate.hasProperty(failure.error, "_tag") ? String(failure.error._tag) : "error"
}

/** What is kept of one operation. Made once: every call goes through here, and looking for a metric costs more than counting. */
interface Kept {
  readonly seconds: typeof seconds
  readonly byOutcome: Map<string, typeof requests>
}

const kept = new Map<string, Kept>()

const ofOperation = (operation: string): Kept => {
  const known = kept.get(operation)
  if (known !== undefined) return known
  const made = { seconds: Metric.withAttributes(seconds, { operation }), byOutcome: new Map() }
  kept.set(operation, made)
  return made
}

const countOf = (operation: string, outcome: string): typeof requests => {
  const { byOutcome } = ofOperation(operation)
  const known = byOutcome.get(outcome)
  if (known !== undefined) return known
  const made = Metric.withAttributes(requests, { operation, outcome })
  byOutcome.set(outcome, made)
  return made
}

/** Counts a call by its outcome, and times it unless it streams. Defects have become errors before. */
export const measured =
  (operation: string, options: { readonly streams: boolean } = { streams: false }) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.withFiber((fiber) => {
      const clock = fiber.getRef(Clock.Clock)
      const begin = clock.currentTimeMillisUnsafe()
      return Effect.onExit(effect, (exit) => {
        countOf(operation, outcomeOf(exit)).updateUnsafe(1, fiber.context)
        if (!options.streams) {
          ofOperation(operation).seconds.updateUnsafe((clock.currentTimeMillisUnsafe() - begin) / 1_000, fiber.context)
        }
        return Effect.void
      })
    })
