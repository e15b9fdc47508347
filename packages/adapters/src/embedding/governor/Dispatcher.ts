import { Clock, Deferred, Effect, FiberSet, Metric, Queue, Random, Result } from "effect"
import type { Scope } from "effect"
import * as Aimd from "./aimd.ts"
import { backoff } from "./backoff.ts"
import type { Breaker } from "./Breaker.ts"
import type { Entry, Outcome } from "./Call.ts"
import { type BatchLimits, type EmbeddingClient, RequestFailed } from "./EmbeddingClient.ts"
import type { makeLine } from "./Line.ts"
import * as metrics from "./metrics.ts"
import type { Proof } from "./Proof.ts"
import { mostTokens, requestBytes } from "./tokens.ts"
import { flawOf, witness } from "./vectors.ts"

/** Requests in vain after which one without an answer is suspected, and requests for it alone without an answer that find a text guilty. */
const suspectAfter = 2
const guiltyAfter = 6

/** Refusals for too much work after which a caller is told. */
const overloadsBorne = 10

/** What is left when the process ends. */
export const ending = new RequestFailed({ kind: "down", detail: "the process ends" })

export interface DispatcherOptions {
  readonly client: EmbeddingClient
  readonly breaker: Breaker
  readonly proof: Proof
  readonly line: ReturnType<typeof makeLine<Entry>>
  readonly dimension: number
  readonly concurrency: Aimd.AimdOptions
  readonly limits: (facts: BatchLimits) => BatchLimits
  readonly retry: { readonly first: number; readonly longest: number }
  /** Offered to whenever there may be something to do. */
  readonly wake: Queue.Queue<void>
}

interface Sent {
  readonly entries: ReadonlyArray<Entry>
  readonly sentAt: number
  readonly saturated: boolean
}

/** Sends what waits, in requests as large as may be and as many at once as the server bears, and deals with whatever comes back. */
export const makeDispatcher = Effect.fnUntraced(function*(
  options: DispatcherOptions
): Effect.fn.Return<void, never, Scope.Scope> {
  const { breaker, client, line, proof, wake } = options
  const requests = yield* FiberSet.make<void, never>()
  let aimd = Aimd.start(options.concurrency)
  let underWay = 0
  let pausedUntil = Number.NEGATIVE_INFINITY
  let timer = false

  const roomForOne = { tokens: mostTokens(witness), bytes: requestBytes(witness) }
  /** A request for a single text has no room for the witness. */
  const hasWitness = () => batchLimits().items > 1
  const batchLimits = () => options.limits(proof.facts().limits)
  const room = (): BatchLimits => {
    const { bytes, items, tokens } = batchLimits()
    return hasWitness() ? { items: items - 1, tokens: tokens - roomForOne.tokens, bytes: bytes - roomForOne.bytes } : {
      items,
      tokens,
      bytes
    }
  }

  const end = (entries: ReadonlyArray<Entry>, outcome: Outcome) => {
    for (const entry of entries) {
      if (entry.over) continue
      entry.over = true
      entry.end(outcome)
    }
  }
  const living = (entries: ReadonlyArray<Entry>) => entries.filter((entry) => !entry.over)

  const giveUp = Effect.fnUntraced(function*(entries: ReadonlyArray<Entry>, failure: RequestFailed) {
    const complaint = yield* breaker.complaint
    const retryAfterMs = complaint?.retryAfterMs ?? failure.retryAfterMs ?? 0
    end(entries, { _tag: "Unavailable", why: complaint?.why ?? failure, retryAfterMs })
  })

  const halves = (entries: ReadonlyArray<Entry>) => {
    const middle = Math.ceil(entries.length / 2)
    line.putBackApart([entries.slice(0, middle), entries.slice(middle)])
  }

  /** Nothing is sent for a while. */
  const pause = Effect.fnUntraced(function*(attempts: number, wished: number | undefined) {
    const wait = Math.ceil(wished ?? backoff(attempts, yield* Random.next, options.retry))
    pausedUntil = Math.max(pausedUntil, (yield* Clock.currentTimeMillis) + wait)
  })

  /** Looks again when the pause is over; timers may be early by a hair, and then it is looked once more. */
  const wakeLater = Effect.fnUntraced(function*(now: number) {
    if (timer) return
    timer = true
    const ring = Effect.suspend(() => {
      timer = false
      return Queue.offer(wake, undefined)
    })
    yield* FiberSet.run(requests, Effect.asVoid(Effect.andThen(Effect.sleep(pausedUntil - now), ring)))
  })

  /**
   * Texts are to blame only if the server does well with another: a batch then goes on in halves, and a text alone is rejected, if that is
   * certain. If not, the server is, and they wait.
   */
  const suspect = Effect.fnUntraced(function*(entries: ReadonlyArray<Entry>, failure: RequestFailed) {
    const innocent = yield* Effect.result(proof.full)
    if (Result.isFailure(innocent)) {
      const { detail, kind } = innocent.failure
      const whole = kind === "rejected"
        ? new RequestFailed({ kind: "refused", detail: `the server refuses even a plain sentence: ${detail}` })
        : innocent.failure
      yield* breaker.failed(whole)
      return yield* again(entries, whole)
    }
    yield* breaker.succeeded
    if (entries.length > 1) return halves(entries)
    const { silences } = entries[0]!
    const isCertain = failure.kind === "rejected" || silences >= guiltyAfter
    return isCertain
      ? end(entries, { _tag: "Rejected", detail: failure.detail })
      // The server is well, so it is waited no longer than for this text's own sake.
      : yield* again(entries, failure, silences)
  })

  const again = Effect.fnUntraced(function*(
    entries: ReadonlyArray<Entry>,
    failure: RequestFailed,
    attempts = Math.max(...entries.map((entry) => entry.attempts))
  ) {
    const isTooMuch = failure.kind === "overloaded" && attempts >= overloadsBorne
    if (!breaker.isClosed() || isTooMuch) return yield* giveUp(entries, failure)
    line.putBack(entries)
    yield* pause(attempts, failure.retryAfterMs)
  })

  const failed = Effect.fnUntraced(function*({ entries, sentAt }: Sent, failure: RequestFailed) {
    const rest = living(entries)
    if (failure.kind === "rejected") {
      if (rest.length > 1) return halves(rest)
      return rest.length === 1 ? yield* suspect(rest, failure) : undefined
    }
    const before = aimd
    const now = yield* Clock.currentTimeMillis
    if (failure.kind === "overloaded") aimd = Aimd.overloaded(aimd, { sentAt, now }, options.concurrency)
    // Of a burst of requests that were too many the first one says it all.
    if (failure.kind !== "overloaded" || aimd !== before) yield* breaker.failed(failure)
    for (const entry of rest) entry.attempts++
    if (failure.kind === "down" && entries.length === 1) entries[0]!.silences++
    if (rest.length === 0) return
    const isSuspect = failure.kind === "down" && rest.some((entry) => entry.attempts >= suspectAfter)
    return isSuspect && breaker.isClosed() ? yield* suspect(rest, failure) : yield* again(rest, failure)
  })

  const accepted = Effect.fnUntraced(function*(sent: Sent, vectors: ReadonlyArray<Float32Array>) {
    const now = yield* Clock.currentTimeMillis
    const size = sent.entries.reduce((sum, entry) => sum + entry.tokens, 0)
    aimd = Aimd.answered(aimd, { ...sent, now, size }, options.concurrency)
    yield* breaker.succeeded
    const odd: Array<Entry> = []
    let good = 0
    for (const [i, entry] of sent.entries.entries()) {
      const vector = vectors[i]!
      const flaw = flawOf(vector, options.dimension)
      if (flaw === undefined) {
        good++
        end([entry], { _tag: "Vector", vector })
      } else if (sent.entries.length === 1 && hasWitness()) end([entry], { _tag: "Rejected", detail: flaw })
      else if (sent.entries.length === 1) yield* suspect([entry], new RequestFailed({ kind: "rejected", detail: flaw }))
      else odd.push(entry)
    }
    // Perhaps it was only the company: each gets another chance by itself.
    line.putBackApart(living(odd).map((entry) => [entry]))
    yield* Metric.update(metrics.texts, good)
  })

  const ask = Effect.fnUntraced(function*(entries: ReadonlyArray<Entry>) {
    yield* proof.fresh
    const texts = entries.map((entry) => entry.text)
    if (!hasWitness()) return yield* client.embed(texts)
    const vectors = yield* client.embed([...texts, witness])
    const own = vectors.slice(0, texts.length)
    yield* proof.check(vectors[texts.length]!, own)
    return own
  })

  /** The request is part of the first caller's trace, and linked with the others'. */
  const traced = (entries: ReadonlyArray<Entry>) => {
    const [first, ...others] = new Set(entries.flatMap(({ span }) => span === undefined ? [] : [span]))
    return ask(entries).pipe(Effect.withSpan("Embedder.request", {
      kind: "client",
      attributes: { texts: entries.length },
      links: others.map((span) => ({ span, attributes: {} })),
      ...(first !== undefined && { parent: first })
    }))
  }

  const send = Effect.fnUntraced(function*(entries: ReadonlyArray<Entry>) {
    const abandoned = Deferred.makeUnsafe<"abandoned">()
    let interested = entries.length
    for (const entry of entries) {
      entry.left = () => {
        if (--interested === 0) Deferred.doneUnsafe(abandoned, Effect.succeed("abandoned"))
      }
    }
    const sent: Sent = {
      entries,
      sentAt: yield* Clock.currentTimeMillis,
      saturated: underWay >= Math.floor(aimd.limit)
    }
    const answer = yield* Effect.raceFirst(Effect.result(traced(entries)), Deferred.await(abandoned))
    for (const entry of entries) entry.left = undefined
    const outcome = answer === "abandoned" ? answer : Result.isSuccess(answer) ? "ok" : answer.failure.kind
    yield* Metric.update(Metric.withAttributes(metrics.requests, { outcome }), 1)
    yield* Metric.update(metrics.requestSeconds, ((yield* Clock.currentTimeMillis) - sent.sentAt) / 1_000)
    if (answer === "abandoned") return
    if (Result.isSuccess(answer)) yield* accepted(sent, answer.success)
    else yield* failed(sent, answer.failure)
  })

  /** Whatever goes wrong in here must not leave a caller waiting. */
  const sendSafely = (entries: ReadonlyArray<Entry>) =>
    send(entries).pipe(
      Effect.catchCause((cause) =>
        Effect.andThen(
          Effect.logError("a request to the embedder ended unexpectedly", cause),
          giveUp(entries, new RequestFailed({ kind: "down", detail: "a request ended unexpectedly" }))
        )
      ),
      Effect.onInterrupt(() => Effect.sync(() => end(entries, { _tag: "Unavailable", why: ending, retryAfterMs: 0 }))),
      Effect.ensuring(Effect.suspend(() => {
        underWay--
        return Queue.offer(wake, undefined)
      }))
    )

  const report = Effect.suspend(() =>
    Effect.all([
      Metric.update(metrics.inFlight, underWay),
      Metric.update(metrics.concurrencyLimit, Math.floor(aimd.limit)),
      Metric.update(metrics.waiting, line.size())
    ], { discard: true })
  )

  const dispatch = Effect.gen(function*() {
    yield* Queue.take(wake)
    // Whoever asks in this moment shares the request.
    yield* Effect.yieldNow
    while (breaker.isClosed() && underWay < Math.floor(aimd.limit)) {
      const now = yield* Clock.currentTimeMillis
      if (now < pausedUntil) {
        if (line.size() > 0) yield* wakeLater(now)
        break
      }
      const entries = line.next(room())
      if (entries === undefined) break
      underWay++
      yield* FiberSet.run(requests, sendSafely(entries))
    }
    yield* report
  })
  yield* dispatch.pipe(Effect.forever, Effect.forkScoped)
})
