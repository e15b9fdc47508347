import { Effect, Predicate } from "effect"
import { BlobStoreError } from "../BlobStore.ts"

/** Causes that may be gone at the next try: space, handles and locks come back, a purge that raced with a write is over. */
const passing = new Set([
  "EAGAIN",
  "EBUSY",
  "EDQUOT",
  "EFBIG",
  "EINTR",
  "EIO",
  "EMFILE",
  "ENFILE",
  "ENOENT",
  "ENOMEM",
  "ENOSPC",
  "ESTALE",
  "ETIMEDOUT"
])

/** The system's name for what went wrong, `ENOSPC` for one. */
export const codeOf = (cause: unknown): string | undefined =>
  Predicate.hasProperty(cause, "code") && Predicate.isString(cause.code) ? cause.code : undefined

/** Anything without a system's code is our own bug or a broken folder: trying again would not help. */
export const storeError = (operation: string, cause: unknown): BlobStoreError =>
  cause instanceof BlobStoreError
    ? cause
    : new BlobStoreError({ operation, isRetryable: passing.has(codeOf(cause) ?? ""), cause })

/** File work as an effect. */
export const attempt = <A>(
  operation: string,
  work: (signal: AbortSignal) => Promise<A>
): Effect.Effect<A, BlobStoreError> => Effect.tryPromise({ try: work, catch: (cause) => storeError(operation, cause) })

/** The same for work that must not be left half done: an interruption waits for its end. */
export const complete = <A>(operation: string, work: () => Promise<A>): Effect.Effect<A, BlobStoreError> =>
  Effect.uninterruptible(attempt(operation, work))
