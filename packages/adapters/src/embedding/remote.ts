import type { Space } from "@sheaf/domain/spaces/Space"
import { Duration, Effect, Layer, Schedule } from "effect"
import { Embedder, EmbedderMisconfigured, EmbedderUnavailable } from "./Embedder.ts"
import { type GovernorOptions, makeGovernor } from "./governor.ts"
import type { BatchLimits, EmbeddingClient, RequestFailed, ServerFacts } from "./governor/EmbeddingClient.ts"
import { packed } from "./governor/packing.ts"
import { mostTokens, requestBytes } from "./governor/tokens.ts"
import { flawOf, floorOf, isNormalised, unrelated, witness } from "./governor/vectors.ts"
import { habitsOf } from "./knownModels.ts"
import { makeSpace } from "./makeSpace.ts"

export interface RemoteOptions {
  /** Put before questions and documents. Default: what the model's makers say, for well-known models; else nothing. */
  readonly queryPrefix?: string | undefined
  readonly documentPrefix?: string | undefined
  /** BCP 47 languages that the model speaks. Default: known ones; else all. */
  readonly languages?: ReadonlyArray<string> | undefined
  /** Share of the vector part in a hybrid score, and the cosine of unrelated texts: as `sheaf tune` finds them. */
  readonly vectorWeight?: number | undefined
  readonly cosineFloor?: number | undefined
  /** Default: what the server's vectors have. */
  readonly dimension?: number | undefined
  /** How long the server may take to come up while this process starts. Default 60 seconds. */
  readonly startPatience?: Duration.Input | undefined
  readonly governor?: GovernorOptions | undefined
}

/** How often a server that is not up yet is asked. */
const startPause = Duration.seconds(1)

const misconfigured = (detail: string) => new EmbedderMisconfigured({ detail })

const passes = (failure: RequestFailed) => failure.kind === "down" || failure.kind === "overloaded"

/** A server that is not there yet is waited for; one that does not serve us is not. */
const atStart = <A>(effect: Effect.Effect<A, RequestFailed>, patience: Duration.Duration) =>
  effect.pipe(
    Effect.tapError((failure) =>
      passes(failure) ? Effect.logInfo(`waiting for the embedder: ${failure.detail}`) : Effect.void
    ),
    Effect.retry({
      while: passes,
      schedule: Schedule.spaced(startPause).pipe(Schedule.upTo({ duration: patience }))
    }),
    Effect.mapError((failure) =>
      passes(failure)
        ? new EmbedderUnavailable({ operation: "start", cause: failure })
        : misconfigured(`The embedder cannot be used: ${failure.detail}.`)
    )
  )

/** Embeds texts in as many requests as they need; only for the few of the start. */
const embedAll = (client: EmbeddingClient, texts: ReadonlyArray<string>, limits: BatchLimits) =>
  Effect.map(
    Effect.forEach(
      packed(texts.map((text) => ({ text, tokens: mostTokens(text), bytes: requestBytes(text) })), limits),
      (batch) => client.embed(batch.map(({ text }) => text))
    ),
    (vectors) => vectors.flat()
  )

/** The space that a server makes vectors of, from what it says and what its vectors show. */
const spaceOf = (
  { identity }: ServerFacts,
  vectors: ReadonlyArray<Float32Array>,
  options: RemoteOptions
): Effect.Effect<Space, EmbedderMisconfigured> => {
  const dimension = options.dimension ?? vectors[0]!.length
  const flaw = vectors.map((vector) => flawOf(vector, dimension)).find((found) => found !== undefined)
  if (flaw !== undefined) {
    return Effect.fail(misconfigured(`The embedder ${identity.model} makes unusable vectors: ${flaw}.`))
  }
  const habits = habitsOf(identity.model)
  return Effect.succeed(makeSpace({
    ...identity,
    dimension,
    queryPrefix: options.queryPrefix ?? habits.queryPrefix ?? "",
    documentPrefix: options.documentPrefix ?? habits.documentPrefix ?? "",
    normalised: isNormalised(vectors),
    languages: options.languages ?? habits.languages ?? null,
    vectorWeight: options.vectorWeight ?? habits.vectorWeight,
    cosineFloor: options.cosineFloor ?? floorOf(vectors.slice(1))
  }))
}

/**
 * An embedder that is a server away, with its governor. Fails at start with `EmbedderMisconfigured` where the server cannot be used as
 * configured, and with `EmbedderUnavailable` where it does not come up in time.
 */
export const layer = <R>(
  makeClient: Effect.Effect<EmbeddingClient, never, R>,
  options: RemoteOptions
): Layer.Layer<Embedder, EmbedderMisconfigured | EmbedderUnavailable, R> =>
  Layer.effect(
    Embedder,
    Effect.gen(function*() {
      const client = yield* makeClient
      const patience = Duration.fromInputUnsafe(options.startPatience ?? "60 seconds")
      const facts = yield* atStart(client.identify, patience)
      const prefix = options.documentPrefix ?? habitsOf(facts.identity.model).documentPrefix ?? ""
      const samples = [witness, ...unrelated.map((text) => prefix + text)]
      const vectors = yield* atStart(embedAll(client, samples, facts.limits), patience)
      const space = yield* spaceOf(facts, vectors, options)
      return Embedder.of(yield* makeGovernor(client, { facts, space, reference: vectors[0]! }, options.governor))
    })
  )
