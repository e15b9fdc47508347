import { isOutage } from "@sheaf/adapters/sql/isOutage"
import { InternalError, Unavailable } from "@sheaf/domain/edge/errors"
import { Cause, Effect, Predicate } from "effect"
import { SecureRandom } from "effect/crypto"

/** What people should read of a dependency, by the error that speaks of it. */
const dependencies: Readonly<Record<string, string>> = {
  SqlError: "The database",
  BlobStoreError: "The blob store",
  SearchIndexError: "The search index",
  EmbedderUnavailable: "The embedder"
}

const unavailable = (defect: unknown): Unavailable => {
  const tag = Predicate.hasProperty(defect, "_tag") ? String(defect._tag) : ""
  return new Unavailable({
    dependency: dependencies[tag] ?? "A part of the server",
    ...(Predicate.hasProperty(defect, "retryAfterMs") && Predicate.isNumber(defect.retryAfterMs) &&
      { retryAfterMs: Math.ceil(defect.retryAfterMs) })
  })
}

/**
 * No defect reaches a caller as it is: an outage becomes `Unavailable`, a bug an `InternalError` whose reference is in the log, with
 * everything that is known.
 */
export const scrub =
  (operation: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | Unavailable | InternalError, R> =>
    Effect.catchDefect(effect, (defect) =>
      Effect.gen(function*() {
        if (isOutage(defect)) {
          const error = unavailable(defect)
          yield* Effect.logWarning(`${operation}: ${error.dependency} is not available`, Cause.die(defect))
          return yield* error
        }
        const reference = SecureRandom.uuidV4Unsafe()
        yield* Effect.logError(`${operation} failed, reference ${reference}`, Cause.die(defect))
        return yield* new InternalError({ reference })
      }))
