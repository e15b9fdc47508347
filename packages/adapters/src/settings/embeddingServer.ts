import { Option, type Redacted } from "effect"
import type * as OpenAi from "../embedding/openai.ts"
import type * as Tei from "../embedding/tei.ts"
import type { Reader } from "./Reader.ts"
import { choice, fraction, headerSecret, listOf, text, type Variable, variable, whole } from "./Variable.ts"

/** A server that turns text into vectors. */
export type EmbeddingServer =
  | { readonly _tag: "Tei"; readonly options: Tei.Options }
  | { readonly _tag: "OpenAi"; readonly options: OpenAi.Options }

/** What there is to say of an embedding server besides its URL, as variables whose names begin with a prefix. */
export const serverVariables = (prefix: string) => {
  const protocol = {
    ...variable(
      `${prefix}_PROTOCOL`,
      choice(["tei", "openai"]),
      "What it speaks: `tei` is Text Embeddings Inference, `openai` is `/v1/embeddings` as OpenAI and many others offer it."
    ),
    default: "tei"
  }
  const model = variable(
    `${prefix}_MODEL`,
    text,
    "The model that must be served, or, of several, the one to ask for. Not set: the only one there is."
  )
  const apiKey = variable(`${prefix}_API_KEY`, headerSecret, "Sent as bearer token, where the server wants one.", {
    secret: true
  })
  const revision = variable(
    `${prefix}_REVISION`,
    text,
    "Names the model's weights, where `openai` has no word for them: another revision is another space."
  )
  const maxTokens = variable(
    `${prefix}_MAX_TOKENS`,
    whole({ min: 8, max: 1_000_000 }),
    "Most tokens of one text, where an `openai` server does not say. Not set: what it says, or what is known of the model.",
    { unit: "tokens" }
  )
  const queryPrefix = variable(
    `${prefix}_QUERY_PREFIX`,
    text,
    "Put before questions. Not set: what the makers of well-known models say, else nothing."
  )
  const documentPrefix = variable(`${prefix}_DOCUMENT_PREFIX`, text, "The same for the texts of documents.")
  const languages = variable(
    `${prefix}_LANGUAGES`,
    listOf(text),
    "Languages that the model speaks, as BCP 47 tags. Texts in others are found by their words alone. Not set: what is known of the model, else all."
  )
  const vectorWeight = variable(
    `${prefix}_VECTOR_WEIGHT`,
    fraction,
    "Share of the vectors in the score of a hybrid search, as `sheaf tune` finds it. Not set: what is known of the model."
  )
  const cosineFloor = variable(
    `${prefix}_COSINE_FLOOR`,
    fraction,
    "Cosine of unrelated texts, as `sheaf tune` finds it. Not set: measured at the start."
  )
  const concurrency = variable(
    `${prefix}_CONCURRENCY`,
    whole({ min: 1, max: 256 }),
    "Most requests that one process has under way at the server. How many it bears is found by trying, from 4 on.",
    { unit: "requests", default: "8" }
  )

  const ofServers = [model, apiKey, queryPrefix, documentPrefix, languages, vectorWeight, cosineFloor, concurrency]
  const ofOpenAi = [revision, maxTokens]

  const read = (reader: Reader, server: Option.Option<string>): EmbeddingServer => {
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
    if (speaks === "openai") {
      return { _tag: "OpenAi", options: { ...options, revision: value(revision), maxTokens: value(maxTokens) } }
    }
    for (const variable of ofOpenAi.filter((variable) => reader.isSet(variable))) {
      reader.problem({
        about: variable.name,
        what: `is set, but ${protocol.name} is \`tei\`, which says that by itself.`,
        remedy: `Unset ${variable.name}.`
      })
    }
    return { _tag: "Tei", options }
  }

  return { all: [protocol, ...ofServers, ...ofOpenAi], read }
}

const atMost = (max: number) => ({ start: Math.min(4, max), max })
