import type { Space } from "@sheaf/domain/spaces/Space"
import { Duration, Effect, Option, Queue } from "effect"
import type { Scope } from "effect"
import { type Embedder, EmbedderUnavailable, EmbeddingRejected } from "./Embedder.ts"
import { makeBreaker } from "./governor/Breaker.ts"
import type { Entry } from "./governor/Call.ts"
import { makeCounting } from "./governor/counting.ts"
import { ending, makeDispatcher } from "./governor/Dispatcher.ts"
import type { BatchLimits, EmbeddingClient, RequestFailed, ServerFacts } from "./governor/EmbeddingClient.ts"
import { makeLine } from "./governor/Line.ts"
import { makeProof } from "./governor/Proof.ts"
import { mostTokens, requestBytes } from "./governor/tokens.ts"

export interface GovernorOptions {
  /** Requests under way at once. Default: 1 to 8, 4 to begin with; what the server bears is found by trying. */
  readonly concurrency?: { readonly min?: number; readonly start?: number; readonly max?: number }
  /** Most of one request, where the server does not say less. */
  readonly batch?: Partial<BatchLimits>
  /** Requests in a row without an answer, and rounds in a row that the server was too busy for, that open the circuit. Default 3 and 5. */
  readonly trip?: { readonly downs?: number; readonly overloads?: number }
  /** How long the circuit stays open, doubling. Default 1 to 10 seconds. */
  readonly open?: { readonly first?: Duration.Input; readonly longest?: Duration.Input }
  /** Time between attempts, doubling. Default 200 milliseconds to 5 seconds. */
  readonly retry?: { readonly first?: Duration.Input; readonly longest?: Duration.Input }
  /** A server that wants to be left alone for longer opens the circuit. Default 5 seconds. */
  readonly patience?: Duration.Input
}

const millis = (input: Duration.Input) => Duration.toMillis(Duration.fromInputUnsafe(input))

/** Times of a question too long that are counted before it is cut without mercy. */
const cuts = 8

/**
 * What every embedder that is a server away needs: batches by tokens, count and bytes, shared by callers of the same moment; as many
 * requests at once as the server bears; patience with one that is busy, a circuit breaker for one that is down; the one bad input of a
 * batch found; every vector looked at, and the model behind them; questions before documents.
 */
export const makeGovernor = Effect.fn("Governor.make")(function*(
  client: EmbeddingClient,
  { facts, reference, space }: {
    readonly space: Space
    readonly facts: ServerFacts
    /** The witness's vector in this space. */
    readonly reference: Float32Array
  },
  options: GovernorOptions = {}
): Effect.fn.Return<Embedder["Service"], never, Scope.Scope> {
  const proof = yield* makeProof(client, { facts, reference, space })
  const concurrency = { min: 1, start: 4, max: 8, ...options.concurrency }
  const line = makeLine<Entry>()
  const wake = yield* Queue.sliding<void>(1)
  const retry = {
    first: millis(options.retry?.first ?? "200 millis"),
    longest: millis(options.retry?.longest ?? "5 seconds")
  }

  const failWaiting = (why: RequestFailed, retryAfterMs: number) => {
    for (const entry of line.drain()) {
      entry.over = true
      entry.end({ _tag: "Unavailable", why, retryAfterMs })
    }
  }
  // Registered first, so it runs last: nobody is left waiting.
  yield* Effect.addFinalizer(() => Effect.sync(() => failWaiting(ending, 0)))
  const breaker = yield* makeBreaker({
    trip: { downs: options.trip?.downs ?? 3, overloads: options.trip?.overloads ?? 5 },
    open: {
      first: millis(options.open?.first ?? "1 second"),
      longest: millis(options.open?.longest ?? "10 seconds")
    },
    patience: millis(options.patience ?? "5 seconds"),
    probe: proof.full,
    onOpen: failWaiting,
    onClose: () => void Queue.offerUnsafe(wake, undefined)
  })
  const counting = yield* makeCounting({ client, breaker, proof, retry })
  yield* makeDispatcher({
    client,
    breaker,
    proof,
    line,
    wake,
    retry,
    dimension: space.dimension,
    concurrency,
    limits: (limits) => ({
      items: Math.min(limits.items, options.batch?.items ?? Number.POSITIVE_INFINITY),
      tokens: Math.min(limits.tokens, options.batch?.tokens ?? Number.POSITIVE_INFINITY),
      bytes: Math.min(limits.bytes, options.batch?.bytes ?? Number.POSITIVE_INFINITY)
    })
  })

  const unavailable = (operation: string, why: RequestFailed, retryAfterMs: number | undefined) =>
    new EmbedderUnavailable({
      operation,
      cause: why,
      ...(retryAfterMs !== undefined && retryAfterMs > 0 && { retryAfterMs: Math.ceil(retryAfterMs) })
    })

  const whileClosed = (operation: string) =>
    Effect.flatMap(
      breaker.complaint,
      (complaint) =>
        complaint === undefined
          ? Effect.void
          : Effect.fail(unavailable(operation, complaint.why, complaint.retryAfterMs))
    )

  /** Sends texts on their way; interrupting takes them back. Fails at once while the circuit is open. */
  const embed = (operation: string, texts: ReadonlyArray<string>, urgent: boolean) =>
    whileClosed(operation).pipe(
      Effect.andThen(Effect.option(Effect.currentParentSpan)),
      Effect.flatMap((span) => sent(operation, texts, { urgent, span: Option.getOrUndefined(span) }))
    )

  const sent = (operation: string, texts: ReadonlyArray<string>, { span, urgent }: Pick<Entry, "span" | "urgent">) =>
    Effect.callback<ReadonlyArray<Float32Array>, EmbedderUnavailable | EmbeddingRejected>((resume) => {
      const vectors: Array<Float32Array> = Array.from({ length: texts.length })
      let missing = texts.length
      const leave = () => {
        const waiting = entries.filter((entry) => !entry.over)
        for (const entry of waiting) {
          entry.over = true
          entry.left?.()
        }
        if (waiting.length > 0) line.withdraw(new Set(waiting))
      }
      const entries = texts.map((text, index): Entry => ({
        text,
        urgent,
        span,
        tokens: counting.find(text) ?? Math.min(mostTokens(text), space.maxTokens),
        bytes: requestBytes(text),
        attempts: 0,
        silences: 0,
        over: false,
        left: undefined,
        end: (outcome) => {
          if (outcome._tag === "Vector") {
            vectors[index] = outcome.vector
            if (--missing === 0) resume(Effect.succeed(vectors))
            return
          }
          leave()
          resume(Effect.fail(
            outcome._tag === "Rejected"
              ? new EmbeddingRejected({ index, detail: outcome.detail })
              : unavailable(operation, outcome.why, outcome.retryAfterMs)
          ))
        }
      }))
      line.offer(entries)
      Queue.offerUnsafe(wake, undefined)
      return Effect.sync(leave)
    })

  const count = (operation: string, texts: ReadonlyArray<string>) =>
    counting.count(texts).pipe(
      Effect.catch((why) =>
        Effect.flatMap(breaker.complaint, (complaint) =>
          Effect.fail(unavailable(operation, why, complaint?.retryAfterMs ?? why.retryAfterMs)))
      )
    )

  const refuse = (index: number, detail: string) => new EmbeddingRejected({ index, detail })

  /** Over the limit for sure, or perhaps and the server would cut it. */
  const checkLengths = Effect.fnUntraced(function*(texts: ReadonlyArray<string>) {
    const long = texts.filter((text) => mostTokens(text) > space.maxTokens)
    const unknown = long.filter((text) => counting.find(text) === undefined)
    if (unknown.length > 0 && !proof.facts().refusesTooLong) yield* count("embedDocuments", unknown)
    for (const text of long) {
      const tokens = counting.find(text)
      if (tokens !== undefined && tokens > space.maxTokens) {
        return yield* refuse(texts.indexOf(text), `${tokens} tokens; the limit is ${space.maxTokens}`)
      }
    }
  })

  const embedDocuments = Effect.fn("Embedder.embedDocuments")(function*(texts: ReadonlyArray<string>) {
    if (texts.length === 0) return []
    const empty = texts.indexOf("")
    if (empty !== -1) return yield* refuse(empty, "there is nothing to embed")
    const prefixed = texts.map((text) => space.documentPrefix + text.toWellFormed())
    yield* checkLengths(prefixed)
    return yield* embed("embedDocuments", prefixed, false)
  })

  /** As much of a question, from its beginning, as the model takes. */
  const cut = Effect.fnUntraced(function*(text: string) {
    let kept = text
    for (let i = 0; i < cuts && mostTokens(space.queryPrefix + kept) > space.maxTokens; i++) {
      const [tokens = 0] = yield* count("embedQuery", [space.queryPrefix + kept])
      if (tokens <= space.maxTokens) return kept
      kept = kept.slice(0, Math.floor(kept.length * Math.min(0.95, space.maxTokens / tokens))).toWellFormed()
    }
    // Few enough characters for any tokenizer.
    while (kept.length > 0 && mostTokens(space.queryPrefix + kept) > space.maxTokens) {
      kept = kept.slice(0, kept.length >> 1).toWellFormed()
    }
    return kept
  })

  const embedQuery = Effect.fn("Embedder.embedQuery")(function*(text: string) {
    if (text === "") return yield* refuse(0, "there is nothing to embed")
    const [vector] = yield* embed("embedQuery", [space.queryPrefix + (yield* cut(text.toWellFormed()))], true)
    return vector!
  })

  const countTokens = Effect.fn("Embedder.countTokens")((texts: ReadonlyArray<string>) =>
    count("countTokens", texts.map((text) => space.documentPrefix + text.toWellFormed()))
  )

  const check = whileClosed("check").pipe(
    Effect.andThen(Effect.tapError(proof.asked, breaker.failed)),
    Effect.catchTag("RequestFailed", (why) => Effect.fail(unavailable("check", why, why.retryAfterMs)))
  )

  return { space, parallel: concurrency.max, ready: breaker.ready, check, embedDocuments, embedQuery, countTokens }
})
