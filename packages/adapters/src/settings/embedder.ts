import { Option, type Redacted } from "effect"
import type * as OpenAi from "../embedding/openai.ts"
import type * as Tei from "../embedding/tei.ts"
import type { Reader } from "./Reader.ts"
import { choice, fraction, headerSecret, listOf, text, url, type Variable, variable, whole } from "./Variable.ts"

/** What turns text into vectors. A dataset keeps the space that it was made in. */
export type EmbedderSettings =
  /** The model that comes with the packages, in threads of this process. */
  | { readonly _tag: "Bundled"; readonly threads: Option.Option<number> }
  | { readonly _tag: "Tei"; readonly options: Tei.Options }
  | { readonly _tag: "OpenAi"; readonly options: OpenAi.Options }

const threads = variable(
  "SHEAF_EMBEDDER_THREADS",
  whole({ min: 1, max: 64 }),
  "Threads that embed with the bundled model, each about 130 MB. Not set: one a core, two at most.",
  { unit: "threads" }
)

export const embedderUrl = variable(
  "SHEAF_EMBEDDER_URL",
  url(["http:", "https:"], "host:8080"),
  "The server that embeds. Not set: the model that comes with the packages (English, 512 dimensions)."
)

const protocol = {
  ...variable(
    "SHEAF_EMBEDDER_PROTOCOL",
    choice(["tei", "openai"]),
    "What it speaks: `tei` is Text Embeddings Inference, `openai` is `/v1/embeddings` as OpenAI and many others offer it."
  ),
  default: "tei"
}

const model = variable(
  "SHEAF_EMBEDDER_MODEL",
  text,
  "The model that must be served, or, of several, the one to ask for. Not set: the only one there is."
)
const apiKey = variable("SHEAF_EMBEDDER_API_KEY", headerSecret, "Sent as bearer token, where the server wants one.", {
  secret: true
})
const revision = variable(
  "SHEAF_EMBEDDER_REVISION",
  text,
  "Names the model's weights, where `openai` has no word for them: another revision is another space."
)
const maxTokens = variable(
  "SHEAF_EMBEDDER_MAX_TOKENS",
  whole({ min: 8, max: 1_000_000 }),
  "Most tokens of one text, where an `openai` server does not say. Not set: what it says, or what is known of the model.",
  { unit: "tokens" }
)
const queryPrefix = variable(
  "SHEAF_EMBEDDER_QUERY_PREFIX",
  text,
  "Put before questions. Not set: what the makers of well-known models say, else nothing."
)
const documentPrefix = variable("SHEAF_EMBEDDER_DOCUMENT_PREFIX", text, "The same for the texts of documents.")
const languages = variable(
  "SHEAF_EMBEDDER_LANGUAGES",
  listOf(text),
  "Languages that the model speaks, as BCP 47 tags. Texts in others are found by their words alone. Not set: what is known of the model, else all."
)
const vectorWeight = variable(
  "SHEAF_EMBEDDER_VECTOR_WEIGHT",
  fraction,
  "Share of the vectors in the score of a hybrid search, as `sheaf tune` finds it. Not set: what is known of the model."
)
const cosineFloor = variable(
  "SHEAF_EMBEDDER_COSINE_FLOOR",
  fraction,
  "Cosine of unrelated texts, as `sheaf tune` finds it. Not set: measured at the start."
)

const concurrency = variable(
  "SHEAF_EMBEDDER_CONCURRENCY",
  whole({ min: 1, max: 256 }),
  "Most requests that one process has under way at the server. How many it bears is found by trying, from 4 on.",
  { unit: "requests", default: "8" }
)

const ofServers = [model, apiKey, queryPrefix, documentPrefix, languages, vectorWeight, cosineFloor, concurrency]
const ofOpenAi = [revision, maxTokens]

export const variables = [embedderUrl, protocol, ...ofServers, ...ofOpenAi, threads]

const atMost = (max: number) => ({ start: Math.min(4, max), max })

export const read = (reader: Reader): EmbedderSettings => {
  if (!reader.isSet(embedderUrl)) {
    reader.idle([protocol, ...ofServers, ...ofOpenAi], embedderUrl)
    return { _tag: "Bundled", threads: reader.optional(threads) }
  }
  if (reader.isSet(threads)) {
    reader.problem({
      about: threads.name,
      what: `is set, and so is ${embedderUrl.name}: the server embeds, not this process.`,
      remedy: "Unset one of them."
    })
  }
  const server = reader.optional(embedderUrl)
  const speaks = reader.get(protocol)
  const value = <A>(variable: Variable<A>) => Option.getOrUndefined(reader.optional(variable))
  const key: Redacted.Redacted | undefined = value(apiKey)
  const options = {
    // Where it is malformed, nothing is built with it.
    url: new URL(Option.getOrElse(server, () => "http://malformed")),
    apiKey: key,
    model: value(model),
    queryPrefix: value(queryPrefix),
    documentPrefix: value(documentPrefix),
    languages: value(languages),
    vectorWeight: value(vectorWeight),
    cosineFloor: value(cosineFloor),
    governor: { concurrency: atMost(value(concurrency) ?? 8) }
  }
  if (speaks === "tei") {
    for (const variable of ofOpenAi.filter((variable) => reader.isSet(variable))) {
      reader.problem({
        about: variable.name,
        what: `is set, but ${protocol.name} is \`tei\`, which says that by itself.`,
        remedy: `Unset ${variable.name}.`
      })
    }
    return { _tag: "Tei", options }
  }
  return { _tag: "OpenAi", options: { ...options, revision: value(revision), maxTokens: value(maxTokens) } }
}
