import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import type { Space } from "@sheaf/domain/spaces/Space"
import { Effect, Layer } from "effect"
import { makeSpace } from "../../../packages/adapters/src/embedding/makeSpace.ts"
import { tokensOf, vectorOf } from "../../support/gpu/language.ts"

const dimension = 32

/** Small, so that a trial costs milliseconds. */
const spaceOf = (model: string) =>
  makeSpace({
    provider: "test",
    model,
    revision: "1",
    dimension,
    queryPrefix: "",
    documentPrefix: "",
    normalised: true,
    tokenizer: "words",
    maxTokens: 512,
    languages: null,
    vectorWeight: 0.2,
    cosineFloor: 0
  })

/** Makes the same of the same text, whoever asks. */
const embedderOf = (space: Space): Embedder["Service"] => {
  const vector = (text: string) => vectorOf(text, space.model, dimension)
  return {
    space,
    parallel: 2,
    ready: Effect.void,
    check: Effect.void,
    embedDocuments: (texts) => Effect.succeed(texts.map(vector)),
    embedQuery: (text) => Effect.succeed(vector(text)),
    countTokens: (texts) => Effect.succeed(texts.map((text) => tokensOf(text).length))
  }
}

/** The space that datasets can be moved to. */
export const otherSpace = spaceOf("others")

/** Embedders that live outside of every process of ours. */
export const embedder = Layer.succeed(Embedder, embedderOf(spaceOf("words")))
export const otherEmbedder = embedderOf(otherSpace)
