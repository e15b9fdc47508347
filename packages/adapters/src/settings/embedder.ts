import { Option } from "effect"
import { type EmbeddingServer, serverVariables } from "./embeddingServer.ts"
import type { Reader } from "./Reader.ts"
import { bundledOr, url, variable, whole } from "./Variable.ts"

/** What turns text into vectors. A dataset keeps the space that it was made in, until it is moved. */
export type EmbedderSettings =
  /** The model that comes with the packages, in threads of this process. */
  | { readonly _tag: "Bundled"; readonly threads: Option.Option<number> }
  | EmbeddingServer

const threads = variable(
  "SHEAF_EMBEDDER_THREADS",
  whole({ min: 1, max: 64 }),
  "Threads that embed with the bundled model, each about 130 MB. Not set: one a core, two at most.",
  { unit: "threads" }
)

const serverUrl = url(["http:", "https:"], "host:8080")

const embedderUrl = variable(
  "SHEAF_EMBEDDER_URL",
  serverUrl,
  "The server that embeds. Not set: the model that comes with the packages (English, 512 dimensions)."
)
const server = serverVariables("SHEAF_EMBEDDER")

const previous = variable(
  "SHEAF_EMBEDDER_PREVIOUS",
  bundledOr(serverUrl),
  "The embedder of datasets that are to be moved to the one above: until then it embeds their questions and new documents. Not set: they are searched by words alone."
)
const previousServer = serverVariables("SHEAF_EMBEDDER_PREVIOUS")

export const variables = [embedderUrl, ...server.all, threads]
export const previousVariables = [previous, ...previousServer.all]

export const read = (reader: Reader): EmbedderSettings => {
  if (!reader.isSet(embedderUrl)) {
    reader.idle(server.all, embedderUrl)
    return { _tag: "Bundled", threads: reader.optional(threads) }
  }
  if (reader.isSet(threads)) {
    reader.problem({
      about: threads.name,
      what: `is set, and so is ${embedderUrl.name}: the server embeds, not this process.`,
      remedy: "Unset one of them."
    })
  }
  return server.read(reader, reader.optional(embedderUrl))
}

/** The embedder of spaces that datasets are moved away from. */
export const readPrevious = (reader: Reader): Option.Option<EmbedderSettings> => {
  if (!reader.isSet(previous)) {
    reader.idle(previousServer.all, previous)
    return Option.none()
  }
  const named = reader.optional(previous)
  if (Option.contains(named, "bundled")) {
    if (!reader.isSet(embedderUrl)) {
      reader.problem({
        about: previous.name,
        what: `is \`bundled\`, and so is the embedder itself, as ${embedderUrl.name} is not set.`,
        remedy: `Set ${embedderUrl.name}, or unset ${previous.name}.`
      })
    }
    for (const variable of previousServer.all.filter((variable) => reader.isSet(variable))) {
      reader.problem({
        about: variable.name,
        what: `is set, but ${previous.name} is \`bundled\`, which knows that by itself.`,
        remedy: `Unset ${variable.name}.`
      })
    }
    // Questions, and what is changed until the move is over.
    return Option.some({ _tag: "Bundled", threads: Option.some(1) })
  }
  return Option.some(previousServer.read(reader, named))
}
