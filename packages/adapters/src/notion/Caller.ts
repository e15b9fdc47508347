import { Clock, Duration, Effect, Random } from "effect"
import { ask, type Failed, type Question } from "./call.ts"
import { type NotionError, NotionRateLimited, NotionTimedOut } from "./errors.ts"
import type { NotionAccess } from "./NotionApi.ts"
import type { Endpoint } from "./NotionEndpoint.ts"
import type { Pace } from "./Pace.ts"

/** Tries of one call that Notion does not answer. Waits that it asks for are bounded by the caller's patience instead. */
const maxTries = 5

/** Asks until there is an answer, or none is to be had in time. */
export interface Asking {
  (question: Question): Effect.Effect<unknown, NotionError>
}

/** Every call has its turn, its time and its tries. */
export const makeAsking = (
  options: Endpoint,
  pace: Pace["Service"],
  { connectionId, patience = "20 seconds", token }: NotionAccess
): Asking => {
  const limitMs = Duration.toMillis(Duration.fromInputUnsafe(options.timeout))
  const patienceMs = Duration.toMillis(Duration.fromInputUnsafe(patience))
  const first = Duration.toMillis(Duration.fromInputUnsafe(options.firstDelay))

  const once = (question: Question) =>
    ask(options, token, question).pipe(
      Effect.timeoutOrElse({
        duration: limitMs,
        orElse: () => Effect.fail<Failed>({ error: new NotionTimedOut({ limitMs }), again: true })
      })
    )

  return Effect.fn("Notion.ask")(function*(question) {
    const deadline = (yield* Clock.currentTimeMillis) + patienceMs
    for (let tries = 1;; tries++) {
      const before = yield* Clock.currentTimeMillis
      yield* pace.turn(connectionId, Math.max(0, deadline - before))
      const outcome = yield* Effect.result(once(question))
      if (outcome._tag === "Success") return outcome.success
      const { again, error, restMs } = outcome.failure
      if (restMs !== undefined) yield* pace.rest(connectionId, restMs)
      if (!again || restMs === undefined && tries >= maxTries) return yield* error
      const now = yield* Clock.currentTimeMillis
      const wait = restMs ?? Math.ceil(first * 2 ** (tries - 1) * (0.5 + (yield* Random.next)))
      if (now + wait > deadline) {
        return yield* restMs === undefined ? error : new NotionRateLimited({ retryAfterMs: restMs })
      }
      yield* Effect.sleep(wait)
    }
  }, Effect.annotateSpans({ connectionId }))
}
