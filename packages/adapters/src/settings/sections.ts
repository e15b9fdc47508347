import * as Blobs from "./blobs.ts"
import * as Client from "./client.ts"
import * as Database from "./database.ts"
import * as Embedder from "./embedder.ts"
import * as Fetch from "./fetch.ts"
import * as Limits from "./limits.ts"
import * as Mail from "./mail.ts"
import * as Messaging from "./messaging.ts"
import * as Notion from "./notion.ts"
import * as Process from "./process.ts"
import * as Recognition from "./recognition.ts"
import * as Reranker from "./reranker.ts"
import * as Search from "./search.ts"
import * as Secrets from "./secrets.ts"
import * as Telemetry from "./telemetry.ts"
import * as Upkeep from "./upkeep.ts"
import type { Variable } from "./Variable.ts"

export interface Section {
  readonly title: string
  readonly about: string
  readonly variables: ReadonlyArray<Variable<unknown>>
}

/** Every variable there is, as the reference shows them. */
export const sections: ReadonlyArray<Section> = [
  { title: "Process", about: "How a process behaves.", variables: Process.variables },
  { title: "Database", about: "Embedded, or PostgreSQL.", variables: Database.variables },
  { title: "Messaging", about: "Within the process, or NATS.", variables: Messaging.variables },
  { title: "Blobs", about: "A folder, or Azure Blob Storage.", variables: Blobs.variables },
  { title: "Search", about: "The database itself, or Typesense.", variables: Search.variables },
  { title: "Embedder", about: "The bundled model, or a server.", variables: Embedder.variables },
  {
    title: "Previous embedder",
    about: "The one of datasets that are still to be moved to another model, if any.",
    variables: Embedder.previousVariables
  },
  { title: "Re-ranker", about: "None, or a server.", variables: Reranker.variables },
  { title: "Recognition", about: "How pages without text are read.", variables: Recognition.variables },
  { title: "Limits", about: "What tenants may have, and how often they may call.", variables: Limits.variables },
  { title: "Secrets", about: "What secrets of users are sealed with.", variables: Secrets.variables },
  { title: "Fetching", about: "Where workers may go when users name an address.", variables: Fetch.variables },
  { title: "Notion", about: "How its API is called.", variables: Notion.variables },
  {
    title: "Mail",
    about: "How people are told of what happens: by a mail server, or in the log.",
    variables: Mail.variables
  },
  { title: "Upkeep", about: "How workers look after the installation.", variables: Upkeep.variables },
  { title: "Telemetry", about: "Off, or an OpenTelemetry collector.", variables: Telemetry.variables },
  { title: "Commands", about: "For commands that talk to a server, and for the SDK.", variables: Client.variables }
]
