import { Effect, Random, Semaphore } from "effect"
import { backoff } from "./backoff.ts"
import type { Breaker } from "./Breaker.ts"
import type { EmbeddingClient, RequestFailed } from "./EmbeddingClient.ts"
import { packed } from "./packing.ts"
import type { Proof } from "./Proof.ts"
import { makeTokenCounts, mostTokens, requestBytes } from "./tokens.ts"

/** Requests for counts at once: a tokenizer is a matter of the server's CPU, and of a millisecond. */
const atOnce = 4
const attempts = 4

/**
 * Characters for each token of the limit that are counted in one piece. Of a longer text, which is over the limit anyway, the counts of
 * its pieces are added up: servers refuse to count it as a whole.
 */
const charactersPerToken = 64

const pieces = (text: string, size: number): ReadonlyArray<string> =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size).toWellFormed())

/** Counts of texts by the server's own tokenizer, those that were counted lately from memory. */
export const makeCounting = Effect.fnUntraced(function*(
  { breaker, client, proof, retry }: {
    readonly client: EmbeddingClient
    readonly breaker: Breaker
    readonly proof: Proof
    readonly retry: { readonly first: number; readonly longest: number }
  }
) {
  const known = makeTokenCounts()
  const permits = yield* Semaphore.make(atOnce)

  /** A few times over, as long as the server is thought to be well. */
  const ask = (texts: ReadonlyArray<string>, attempt = 1): Effect.Effect<ReadonlyArray<number>, RequestFailed> =>
    proof.fresh.pipe(
      Effect.andThen(client.countTokens(texts)),
      Effect.tap(breaker.succeeded),
      Effect.catch(Effect.fnUntraced(function*(failure) {
        if (failure.kind === "rejected") return yield* asked(texts, failure)
        yield* breaker.failed(failure)
        if (attempt >= attempts || !breaker.isClosed()) return yield* failure
        yield* Effect.sleep(failure.retryAfterMs ?? backoff(attempt, yield* Random.next, retry))
        return yield* ask(texts, attempt + 1)
      }))
    )

  /** One text that cannot be counted must not keep the others from it; its own count is then the safe one. */
  const asked = (texts: ReadonlyArray<string>, failure: RequestFailed) =>
    texts.length === 1
      ? Effect.as(Effect.logWarning(`a text could not be counted: ${failure.detail}`), texts.map(mostTokens))
      : Effect.map(
        Effect.forEach([texts.slice(0, texts.length >> 1), texts.slice(texts.length >> 1)], (half) => ask(half)),
        (halves) => halves.flat()
      )

  /** Counts as they come, `""` having none. Fails at once while the circuit is open. */
  const count = Effect.fnUntraced(function*(texts: ReadonlyArray<string>) {
    const complaint = yield* breaker.complaint
    if (complaint !== undefined) return yield* complaint.why
    const size = proof.facts().identity.maxTokens * charactersPerToken
    // Read once: what is counted now may push out what was known.
    const counts = new Map(texts.map((text) => [text, text === "" ? 0 : known.find(text)]))
    const missing = new Set(texts.filter((text) => counts.get(text) === undefined))
    const parts = [...missing].flatMap((text) =>
      pieces(text, size).map((piece) => ({ text, piece, tokens: 0, bytes: requestBytes(piece) }))
    )
    const sums = new Map<string, number>()
    yield* Effect.forEach(packed(parts, proof.facts().limits), (batch) =>
      ask(batch.map(({ piece }) => piece)).pipe(
        permits.withPermits(1),
        Effect.map((found) => batch.forEach(({ text }, i) => sums.set(text, (sums.get(text) ?? 0) + found[i]!)))
      ), { concurrency: atOnce, discard: true })
    for (const [text, tokens] of sums) known.remember(text, tokens)
    return texts.map((text) => counts.get(text) ?? sums.get(text)!)
  })

  return { count, find: known.find }
})
