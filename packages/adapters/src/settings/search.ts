import { Option, type Redacted } from "effect"
import type { Reader } from "./Reader.ts"
import { headerSecret, type Kind, listOf, url, variable } from "./Variable.ts"

/** Which engine finds the candidates of a search. */
export type SearchSettings =
  /** Tables in the database, which must have the extension `vector`. */
  | { readonly _tag: "Pgvector" }
  | {
    readonly _tag: "Typesense"
    readonly urls: ReadonlyArray<URL>
    readonly apiKey: Redacted.Redacted
    readonly collectionPrefix: string
  }

export const typesenseUrl = variable(
  "TYPESENSE_URL",
  listOf(url(["http:", "https:"], "host:8108")),
  "The Typesense server that searches, or all nodes of one cluster. Not set: the database, which then needs the extension `vector`."
)

const typesenseKey = variable(
  "TYPESENSE_API_KEY",
  headerSecret,
  "Its key, which may do everything with collections and aliases of the prefix.",
  { secret: true }
)

const prefixText: Kind<string> = {
  name: "letters, digits and `_`",
  parse: (text) => /^[A-Za-z0-9_]{1,40}$/.test(text) ? Option.some(text) : Option.none()
}
const prefix = {
  ...variable(
    "TYPESENSE_COLLECTION_PREFIX",
    prefixText,
    "Before the names of its collections and aliases, so that several installations can share a server."
  ),
  default: "sheaf"
}

export const variables = [typesenseUrl, typesenseKey, prefix]

export const read = (reader: Reader): SearchSettings => {
  if (!reader.isSet(typesenseUrl)) {
    reader.idle([typesenseKey, prefix], typesenseUrl)
    return { _tag: "Pgvector" }
  }
  const collectionPrefix = reader.get(prefix)
  return Option.match(Option.all([reader.optional(typesenseUrl), reader.required(typesenseKey, typesenseUrl)]), {
    onNone: () => ({ _tag: "Pgvector" }),
    onSome: ([urls, apiKey]) => ({
      _tag: "Typesense",
      urls: urls.map((url) => new URL(url)),
      apiKey,
      collectionPrefix
    })
  })
}
