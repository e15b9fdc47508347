import { RestError } from "@azure/storage-blob"
import { Clock, type Duration, Effect, Predicate, Schedule } from "effect"
import { BlobStoreError } from "../BlobStore.ts"

/** What the SDK gives for a storage service's own words. */
const codeOf = (cause: unknown): string => {
  if (!Predicate.isObject(cause)) return ""
  const details = "details" in cause && Predicate.isObject(cause.details) ? cause.details : {}
  const code = "code" in cause && Predicate.isString(cause.code) ? cause.code : undefined
  const named = "errorCode" in details && Predicate.isString(details.errorCode) ? details.errorCode : undefined
  return code ?? named ?? ""
}

/**
 * What the service answered, or why it did not. Made of status, code and request id alone: the SDK's errors hold URLs and headers,
 * which carry keys and signatures.
 */
export class AzureAnswer extends Error {
  override readonly name = "AzureAnswer"
  /** HTTP status; null without an answer. */
  readonly status: number | null
  /** `BlobNotFound`, or `ECONNREFUSED`. */
  readonly code: string

  constructor(status: number | null, code: string, requestId?: string) {
    const what = status === null ? `no answer (${code})` : `HTTP ${status} ${code}`.trimEnd()
    super(requestId === undefined ? what : `${what}, request ${requestId}`)
    this.status = status
    this.code = code
  }

  /** The same request may succeed in a moment. */
  get isPassing(): boolean {
    return this.status === null || this.status === 408 || this.status === 429 || this.status >= 500
  }

  /**
   * Somebody may get through later, with nothing changed in what is asked: beside what passes, the account or the container as a whole
   * refuses us, which is no fault of a blob.
   */
  get isOutage(): boolean {
    return this.isPassing || this.status === 401 || this.status === 403 || this.code.startsWith("Container") ||
      this.code === "AccountIsDisabled"
  }
}

const answerOf = (cause: unknown): AzureAnswer => {
  if (cause instanceof AzureAnswer) return cause
  if (!(cause instanceof RestError)) {
    // Sockets that break while a body is read, and bugs; the message of neither holds a header.
    const name = cause instanceof Error ? cause.name : typeof cause
    return new AzureAnswer(null, codeOf(cause) || name)
  }
  return new AzureAnswer(
    cause.statusCode ?? null,
    codeOf(cause),
    cause.response?.headers.get("x-ms-request-id")
  )
}

export const storeError = (operation: string, answer: AzureAnswer): BlobStoreError =>
  new BlobStoreError({ operation, isRetryable: answer.isOutage, cause: answer })

/** A failure that has nothing to do with the service. */
export const refused = (operation: string, reason: string, isRetryable = false): BlobStoreError =>
  new BlobStoreError({ operation, isRetryable, cause: new Error(reason) })

/** The service's code for a failure, `BlobNotFound` for one; empty if it did not come from there. */
export const codeIn = ({ cause }: BlobStoreError): string => cause instanceof AzureAnswer ? cause.code : ""

export const statusIn = ({ cause }: BlobStoreError): number | null => cause instanceof AzureAnswer ? cause.status : null

/** Nothing is known about whether the request had its effect. */
export const isUncertain = ({ cause }: BlobStoreError): boolean => cause instanceof AzureAnswer && cause.isPassing

export interface RequestLimits {
  /** Of one attempt, until the whole answer is there. */
  readonly timeout: Duration.Duration
  /** How often a request is sent at most. */
  readonly attempts: number
}

/** One request of the SDK. The signal aborts it. */
export type Work<A> = (signal: AbortSignal) => Promise<A>

export interface Requests {
  /** Sent again, with growing pauses, where it failed for a passing reason; so it must be one that may be repeated. */
  readonly send: <A>(operation: string, work: Work<A>) => Effect.Effect<A, BlobStoreError>
  /** Sent once: for what must be looked at before it is repeated. */
  readonly once: <A>(operation: string, work: Work<A>) => Effect.Effect<A, BlobStoreError>
  /** Repeats as `send` does, where a failure is worth it. */
  readonly repeating: <A, E, R>(
    work: Effect.Effect<A, E, R>,
    isWorthIt: (error: E) => boolean
  ) => Effect.Effect<A, E, R>
}

/** 200 ms, 600 ms, 1.8 s: long enough for a server that restarts a process, short enough for somebody who waits. */
const pauses = Schedule.exponential("200 millis", 3).pipe(Schedule.jittered)

export const makeRequests = ({ attempts, timeout }: RequestLimits): Requests => {
  const once = <A>(operation: string, work: Work<A>): Effect.Effect<A, BlobStoreError> =>
    Effect.tryPromise({ try: work, catch: (cause) => storeError(operation, answerOf(cause)) }).pipe(
      Effect.timeoutOrElse({
        duration: timeout,
        orElse: () => Effect.fail(storeError(operation, new AzureAnswer(null, "ETIMEDOUT")))
      }),
      onRealTime
    )
  const repeating: Requests["repeating"] = (work, isWorthIt) =>
    onRealTime(Effect.retry(work, { while: isWorthIt, times: attempts - 1, schedule: pauses }))
  const send: Requests["send"] = (operation, work) => repeating(once(operation, work), isUncertain)
  return { send, once, repeating }
}

/** The network keeps to no other clock, whatever the one of the caller says. */
const onRealTime = Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())
