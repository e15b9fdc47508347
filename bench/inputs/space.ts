import { makeSpace } from "@sheaf/adapters/embedding/makeSpace"

/** The space of vectors that a bench makes up, with so many numbers each. */
export const madeSpace = (dimension: number) =>
  makeSpace({
    provider: "bench",
    model: "made",
    revision: "1",
    dimension,
    queryPrefix: "",
    documentPrefix: "",
    normalised: true,
    tokenizer: "none",
    maxTokens: 512,
    languages: null,
    vectorWeight: 0.2,
    cosineFloor: 0.2
  })
