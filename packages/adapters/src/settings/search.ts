import { Option, type Redacted } from "effect"
import type { Reader } from "./Reader.ts"
import { secretText, url, variable } from "./Variable.ts"

/** Which engine finds the candidates of a search. */
export type SearchSettings =
  /** Tables in the database, which must have the extension `vector`. */
  | { readonly _tag: "Pgvector" }
  | { readonly _tag: "Typesense"; readonly url: string; readonly apiKey: Redacted.Redacted }

export const typesenseUrl = variable(
  "TYPESENSE_URL",
  url(["http:", "https:"], "host:8108"),
  "The Typesense server that searches. Not set: the database, which then needs the extension `vector`."
)

const typesenseKey = variable(
  "TYPESENSE_API_KEY",
  secretText,
  "Its key, which may create collections and aliases, and read and write documents.",
  { secret: true }
)

export const variables = [typesenseUrl, typesenseKey]

export const read = (reader: Reader): SearchSettings => {
  if (!reader.isSet(typesenseUrl)) {
    reader.idle([typesenseKey], typesenseUrl)
    return { _tag: "Pgvector" }
  }
  return Option.match(Option.all([reader.optional(typesenseUrl), reader.required(typesenseKey, typesenseUrl)]), {
    onNone: () => ({ _tag: "Pgvector" }),
    onSome: ([url, apiKey]) => ({ _tag: "Typesense", url, apiKey })
  })
}
