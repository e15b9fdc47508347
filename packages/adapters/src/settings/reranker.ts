import { Option } from "effect"
import type { Reader } from "./Reader.ts"
import { url, variable } from "./Variable.ts"

/** What orders the best hits of a search once more. A search goes on without it when it is down. */
export type RerankerSettings =
  | { readonly _tag: "None" }
  | { readonly _tag: "Tei"; readonly url: string }

const rerankerUrl = variable(
  "SHEAF_RERANKER_URL",
  url(["http:", "https:"], "host:8081"),
  "A Text Embeddings Inference server with a re-ranking model. Not set: hits stay in the order of their score."
)

export const variables = [rerankerUrl]

export const read = (reader: Reader): RerankerSettings =>
  Option.match(reader.optional(rerankerUrl), {
    onNone: () => ({ _tag: "None" }),
    onSome: (url) => ({ _tag: "Tei", url })
  })
