import { Option, Redacted } from "effect"
import type { PartName } from "../health/Health.ts"
import type { Settings } from "../settings.ts"
import type { EmbedderSettings } from "../settings/embedder.ts"

/** Where a URL leads, without its user, password and query. A database that is reached by a socket has no host. */
const place = (text: string): string => {
  const url = URL.parse(text)
  if (url === null) return "(malformed)"
  const host = url.host || url.searchParams.get("host") || "a local socket"
  return `${host}${url.pathname === "/" ? "" : url.pathname}`
}

const accountOf = (connection: Redacted.Redacted): string => {
  const parts = new Map(
    Redacted.value(connection).split(";").map((part) => {
      const at = part.indexOf("=")
      return [part.slice(0, at).trim(), part.slice(at + 1)] as const
    })
  )
  const endpoint = parts.get("BlobEndpoint")
  return endpoint === undefined ? parts.get("AccountName") ?? "the emulator" : place(endpoint)
}

const embedderName = (embedder: EmbedderSettings): string =>
  embedder._tag === "Bundled"
    ? "bundled model"
    : `${embedder._tag === "Tei" ? "Text Embeddings Inference" : "OpenAI-compatible"} at ${embedder.options.url.host}`

/** Which implementation of each part is selected, and where it is. No secrets. */
export const describe = (settings: Settings): Partial<Readonly<Record<PartName, string>>> => {
  const { blobs, database, embedder, messaging, previousEmbedder, reranker, search } = settings
  return {
    database: database._tag === "Embedded"
      ? `embedded, in ${settings.home}`
      : `PostgreSQL at ${place(Redacted.value(database.url))}`,
    ...(messaging._tag === "Nats" && { nats: `NATS at ${messaging.servers.map(place).join(", ")}` }),
    blobs: blobs._tag === "Folder"
      ? `folder ${settings.home}/blobs`
      : `Azure Blob Storage, container ${blobs.container} at ${accountOf(blobs.connectionString)}`,
    search: search._tag === "Pgvector"
      ? "in the database (pgvector)"
      : `Typesense at ${search.urls.map(({ host }) => host).join(", ")}`,
    embedder: embedderName(embedder),
    ...(Option.isSome(previousEmbedder) && { previousEmbedder: embedderName(previousEmbedder.value) }),
    ...(reranker._tag === "Tei" && { reranker: `Text Embeddings Inference at ${reranker.options.url.host}` })
  }
}
