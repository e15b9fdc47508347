import { Predicate } from "effect"
import type { PartName } from "../health/Health.ts"
import type { Problem } from "../settings/Problem.ts"
import { isOutage } from "../sql/isOutage.ts"

// What keeps a part from starting, in words that say what to do. The errors of the parts carry no secrets.

interface Facts {
  /** What the problem is about: the part and the variable that configures it. */
  readonly about: string
  /** What to do when it does not answer. */
  readonly down: string
  /** What to do when it answers and refuses. */
  readonly refused: string
}

const facts: Readonly<Record<PartName, Facts>> = {
  database: {
    about: "database (DATABASE_URL)",
    down: "Check DATABASE_URL and that PostgreSQL runs there and can be reached.",
    refused: "Correct DATABASE_URL, or what PostgreSQL allows its user."
  },
  migrations: {
    about: "migrations",
    down: "Check that PostgreSQL runs.",
    refused: "Run `sheaf migrate` with the release that is to run, once, before its processes start."
  },
  nats: {
    about: "messaging (NATS_URL)",
    down: "Check NATS_URL and that nats-server runs there and can be reached.",
    refused: "Correct NATS_URL and the credentials; nats-server needs JetStream (`nats-server -js`)."
  },
  blobs: {
    about: "blobs",
    down: "Check AZURE_STORAGE_CONNECTION_STRING and that the storage account can be reached.",
    refused: "Check the account, its key and SHEAF_BLOB_CONTAINER; without them, that the data folder can be written."
  },
  search: {
    about: "search",
    down: "Check TYPESENSE_URL and that Typesense runs there and is healthy.",
    refused: "Check TYPESENSE_URL and TYPESENSE_API_KEY, which must be allowed to manage collections and aliases."
  },
  embedder: {
    about: "embedder (SHEAF_EMBEDDER_URL)",
    down: "Check SHEAF_EMBEDDER_URL and that the model is loaded there.",
    refused: "Check SHEAF_EMBEDDER_URL, SHEAF_EMBEDDER_PROTOCOL, SHEAF_EMBEDDER_MODEL and SHEAF_EMBEDDER_API_KEY."
  },
  previousEmbedder: {
    about: "previous embedder (SHEAF_EMBEDDER_PREVIOUS)",
    down: "Check SHEAF_EMBEDDER_PREVIOUS, or unset it: then datasets of its model are searched by words alone.",
    refused: "Check SHEAF_EMBEDDER_PREVIOUS and the variables that begin with it, or unset them."
  },
  reranker: {
    about: "re-ranker (SHEAF_RERANKER_URL)",
    down: "Check SHEAF_RERANKER_URL, or unset it: searches work without it.",
    refused: "Check that SHEAF_RERANKER_URL serves a re-ranking model, or unset it."
  }
}

/** What a server says that will not change by itself. */
const permanent =
  /password|authenti|authoriz|forbidden|denied|credential|does not exist|permission|not enabled|not installed|oldest that will do|standby|malformed|prefix|certificate|no pg_hba|ssl|no username|api-key|key is wrong|signature|no such account|connection string|must be|base64/i

/** Errors that are about the settings, whatever they say. */
const tagsOfSettings = new Set([
  "EmbedderMisconfigured",
  "MigrationsOwed",
  "DatabaseNewer",
  "MigrationError",
  "VectorMissing"
])

const isTemporary = (error: unknown, message: string): boolean =>
  !(Predicate.hasProperty(error, "_tag") && tagsOfSettings.has(String(error._tag))) &&
  !permanent.test(message) && (isOutage(error) || !Predicate.hasProperty(error, "isRetryable"))

/** The message of an error with those of its causes, which say what really happened. */
export const messageOf = (error: unknown): string => {
  const messages: Array<string> = []
  for (let current: unknown = error; current !== undefined && current !== null && messages.length < 5;) {
    const message = wordsOf(current)
    if (message !== "" && !messages.some((before) => before.includes(message))) messages.push(message)
    current = Predicate.hasProperty(current, "cause")
      ? current.cause
      : Predicate.hasProperty(current, "reason")
      ? current.reason
      : undefined
  }
  return messages.join(": ") || "it failed without a word"
}

const wordsOf = (error: unknown): string => {
  if (typeof error === "string") return error
  if (!(error instanceof Error)) return ""
  // A refused connection to a name with several addresses has no message, only a code.
  return error.message || ("code" in error ? String(error.code) : "")
}

/** Why a part cannot be used, as an operator reads it. */
export const explain = (part: PartName, error: unknown): Problem => {
  const { about, down, refused } = facts[part]
  const what = messageOf(error)
  const temporary = isTemporary(error, what)
  return { about, what, remedy: temporary ? down : refused, temporary, part }
}
