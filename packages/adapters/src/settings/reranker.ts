import { Option } from "effect"
import type * as Tei from "../rerank/tei.ts"
import type { Reader } from "./Reader.ts"
import { duration, headerSecret, url, variable, whole } from "./Variable.ts"

/** What orders the best hits of a search once more. A search goes on without it when it is down. */
export type RerankerSettings =
  | { readonly _tag: "None" }
  | { readonly _tag: "Tei"; readonly options: Tei.Options }

const rerankerUrl = variable(
  "SHEAF_RERANKER_URL",
  url(["http:", "https:"], "host:8081"),
  "A Text Embeddings Inference server with a re-ranking model. Searches use it unless they say `rerank: false`. Not set: none."
)
const apiKey = variable("SHEAF_RERANKER_API_KEY", headerSecret, "Sent as bearer token, where the server wants one.", {
  secret: true
})
const candidates = {
  ...variable(
    "SHEAF_RERANKER_CANDIDATES",
    whole({ min: 1, max: 1_000 }),
    "How many of the best hits are read again.",
    { unit: "hits" }
  ),
  default: "50"
}
const patience = {
  ...variable("SHEAF_RERANKER_PATIENCE", duration, "A search waits no longer for it."),
  default: "500 millis"
}

export const variables = [rerankerUrl, apiKey, candidates, patience]

export const read = (reader: Reader): RerankerSettings => {
  const server = reader.optional(rerankerUrl)
  if (!reader.isSet(rerankerUrl)) {
    reader.idle([apiKey, candidates, patience], rerankerUrl)
    return { _tag: "None" }
  }
  const options = {
    apiKey: Option.getOrUndefined(reader.optional(apiKey)),
    candidates: reader.get(candidates),
    patience: reader.get(patience)
  }
  return Option.match(server, {
    onNone: () => ({ _tag: "None" }),
    onSome: (url) => ({ _tag: "Tei", options: { ...options, url: new URL(url) } })
  })
}
