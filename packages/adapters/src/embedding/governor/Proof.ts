import { Clock, Effect } from "effect"
import type { Space } from "@sheaf/domain/spaces/Space"
import { type EmbeddingClient, type Identity, RequestFailed, type ServerFacts } from "./EmbeddingClient.ts"
import { flawOf, isSame, unrelated, witness } from "./vectors.ts"

/** What a server says of itself is believed for so long (ms). */
const freshness = 30_000

const nameOf = ({ model, provider, revision }: Identity) =>
  `${provider} ${model}${revision === "" ? "" : ` (${revision})`}`

const otherModel = (detail: string) =>
  new RequestFailed({
    kind: "refused",
    detail: `${detail}; nothing is embedded until the server serves the first one again`
  })

const nonsense = (detail: string) => new RequestFailed({ kind: "down", detail })

export interface Proof {
  /** The server says that it serves the same model. */
  readonly asked: Effect.Effect<void, RequestFailed>
  /** The same; asked again only when that was long ago. */
  readonly fresh: Effect.Effect<void, RequestFailed>
  /** Whatever it says: asks, and embeds the witness, in company, for order is a matter of several. */
  readonly full: Effect.Effect<void, RequestFailed>
  /** Whether a witness came back with the vector it had at the start; `others` are the vectors of its company. */
  readonly check: (vector: Float32Array, others: ReadonlyArray<Float32Array>) => Effect.Effect<void, RequestFailed>
  /** What the server last said. */
  readonly facts: () => ServerFacts
}

/**
 * Watches that the model stays the one that the space was made for. A server that restarts with another one in its place answers as well
 * as before, and its vectors would be mixed with those of the first.
 */
export const makeProof = Effect.fnUntraced(function*(
  client: EmbeddingClient,
  { facts, reference, space }: {
    readonly facts: ServerFacts
    readonly reference: Float32Array
    readonly space: Pick<Space, "dimension">
  }
): Effect.fn.Return<Proof> {
  const expected = facts.identity
  let known = facts
  let askedAt = yield* Clock.currentTimeMillis

  const asked = Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    const found = yield* client.identify
    const { identity } = found
    const isSameModel = identity.provider === expected.provider && identity.model === expected.model &&
      identity.revision === expected.revision && identity.tokenizer === expected.tokenizer &&
      identity.maxTokens >= expected.maxTokens
    if (!isSameModel) {
      const limits = `${identity.tokenizer}, ${identity.maxTokens} tokens`
      return yield* otherModel(`the server serves ${nameOf(identity)} (${limits}) instead of ${nameOf(expected)}`)
    }
    known = found
    askedAt = now
  })

  const check: Proof["check"] = (vector, others) => {
    if (vector.length !== space.dimension) {
      return otherModel(
        `vectors have ${vector.length} dimensions now, and those of ${nameOf(expected)} ${space.dimension}`
      )
    }
    const flaw = flawOf(vector, space.dimension)
    if (flaw !== undefined) return nonsense(`for a plain sentence ${flaw}`)
    if (isSame(vector, reference)) return Effect.void
    return others.some((other) => isSame(other, reference))
      ? nonsense("vectors came in another order than the texts")
      : otherModel(`a known sentence has another vector than ${nameOf(expected)} gave it`)
  }

  return {
    asked,
    fresh: Effect.flatMap(Clock.currentTimeMillis, (now) => now - askedAt > freshness ? asked : Effect.void),
    full: asked.pipe(
      Effect.andThen(Effect.suspend(() => client.embed(known.limits.items > 1 ? [witness, unrelated[0]] : [witness]))),
      Effect.flatMap(([vector, ...others]) => check(vector ?? new Float32Array(), others))
    ),
    check,
    facts: () => known
  }
})
