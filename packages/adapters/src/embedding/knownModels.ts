import type { Space } from "@sheaf/domain/spaces/Space"

type Habits = Partial<Pick<Space, "queryPrefix" | "documentPrefix" | "languages" | "vectorWeight" | "maxTokens">>

/**
 * What the makers of well-known models say about their use (prefixes, languages, limits: their model cards). Weights are not measured
 * here: models that do better than BM25 on BEIR by their own account get half of the say; `sheaf tune` finds the right share for your texts.
 */
const known: ReadonlyArray<readonly [RegExp, Habits]> = [
  [/multilingual-e5-(small|base|large)$/i, { queryPrefix: "query: ", documentPrefix: "passage: ", vectorWeight: 0.5 }],
  [/\be5-(small|base|large)(-v2)?$/i, {
    queryPrefix: "query: ",
    documentPrefix: "passage: ",
    languages: ["en"],
    vectorWeight: 0.5
  }],
  [/bge-(small|base|large)-en-v1\.5$/i, {
    queryPrefix: "Represent this sentence for searching relevant passages: ",
    languages: ["en"],
    vectorWeight: 0.5
  }],
  [/bge-m3$/i, { vectorWeight: 0.5 }],
  [/nomic-embed-text-v1(\.5)?$/i, {
    queryPrefix: "search_query: ",
    documentPrefix: "search_document: ",
    languages: ["en"],
    vectorWeight: 0.5
  }],
  [/mxbai-embed-large-v1$/i, {
    queryPrefix: "Represent this sentence for searching relevant passages: ",
    languages: ["en"],
    vectorWeight: 0.5
  }],
  [/\bgte-(small|base|large)$/i, { languages: ["en"], vectorWeight: 0.5 }],
  [/all-MiniLM-L(6|12)-v2$/i, { languages: ["en"] }],
  [/text-embedding-3-(small|large)$/i, { maxTokens: 8_192, vectorWeight: 0.5 }],
  [/text-embedding-ada-002$/i, { maxTokens: 8_192 }]
]

/** Share of the vector part for a model that nothing is known of. */
const defaultWeight = 0.3

export const habitsOf = (model: string): Habits & Pick<Space, "vectorWeight"> => ({
  vectorWeight: defaultWeight,
  ...known.find(([pattern]) => pattern.test(model))?.[1]
})
