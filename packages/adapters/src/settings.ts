import type { TenantLimits } from "@sheaf/domain/admin/Limits"
import { ConfigProvider, Effect, type Option } from "effect"
import type { Endpoint } from "./notion/NotionEndpoint.ts"
import * as Blobs from "./settings/blobs.ts"
import * as Database from "./settings/database.ts"
import * as Embedder from "./settings/embedder.ts"
import * as Fetch from "./settings/fetch.ts"
import * as Limits from "./settings/limits.ts"
import * as Mail from "./settings/mail.ts"
import * as Messaging from "./settings/messaging.ts"
import * as Notion from "./settings/notion.ts"
import { type BadConfiguration, type DependencyDown, refusal } from "./settings/Problem.ts"
import * as Process from "./settings/process.ts"
import { Reader, type Reading } from "./settings/Reader.ts"
import * as Recognition from "./settings/recognition.ts"
import * as Reranker from "./settings/reranker.ts"
import * as Search from "./settings/search.ts"
import * as Secrets from "./settings/secrets.ts"
import * as Telemetry from "./settings/telemetry.ts"
import * as Upkeep from "./settings/upkeep.ts"
import { unknownNames } from "./settings/unknown.ts"

// What the environment says about the process and its adapters. Apart from them, so that a program can look at it without
// loading any.

export interface Settings extends Process.ProcessSettings {
  readonly database: Database.DatabaseSettings
  readonly messaging: Messaging.MessagingSettings
  readonly blobs: Blobs.BlobSettings
  readonly search: Search.SearchSettings
  readonly embedder: Embedder.EmbedderSettings
  readonly previousEmbedder: Option.Option<Embedder.EmbedderSettings>
  readonly recognition: Recognition.RecognitionSettings
  readonly reranker: Reranker.RerankerSettings
  readonly limits: TenantLimits
  readonly upkeep: Upkeep.UpkeepSettings
  readonly telemetry: Telemetry.TelemetrySettings
  readonly secrets: Secrets.SecretsSettings
  readonly fetch: Fetch.FetchSettings
  readonly mail: Mail.MailSettings
  readonly notion: Endpoint
}

export interface Read {
  readonly settings: Settings
  readonly readings: ReadonlyArray<Reading>
  /** Nothing that stands in the way, but worth a look. */
  readonly warnings: ReadonlyArray<string>
}

/** What stronger sources than the environment say. */
export interface Given {
  readonly home?: string
  readonly healthPort?: number
}

const readAll = (reader: Reader): Settings => ({
  ...Process.read(reader),
  database: Database.read(reader),
  messaging: Messaging.read(reader),
  blobs: Blobs.read(reader),
  search: Search.read(reader),
  embedder: Embedder.read(reader),
  previousEmbedder: Embedder.readPrevious(reader),
  recognition: Recognition.read(reader),
  reranker: Reranker.read(reader),
  limits: Limits.read(reader),
  upkeep: Upkeep.read(reader),
  telemetry: Telemetry.read(reader),
  secrets: Secrets.read(reader),
  fetch: Fetch.read(reader),
  mail: Mail.read(reader),
  notion: Notion.read(reader)
})

/** Reads all variables. Fails with everything that makes no sense in itself; nothing is connected to. */
export const read = Effect.fn("Settings.read")(
  function*(given: Given = {}): Effect.fn.Return<Read, BadConfiguration | DependencyDown> {
    const environment = yield* variables(yield* ConfigProvider.ConfigProvider)
    const stronger = new Map<string, string>()
    if (given.home !== undefined) stronger.set(Process.home.name, given.home)
    if (given.healthPort !== undefined) stronger.set(Process.healthPort.name, String(given.healthPort))
    const reader = new Reader(environment, stronger)
    const settings = readAll(reader)
    if (reader.problems.length > 0) return yield* refusal(reader.problems)
    return { settings, readings: reader.readings, warnings: unknownNames(environment.keys()) }
  }
)

/** The embedded profile on a folder, whatever the environment says: for tests and measurements. */
export const embedded = (home: string): Settings => readAll(new Reader(new Map([[Process.home.name, home]])))

/** Whether nobody else can be at work on the same database. */
export const isAlone = ({ database }: Settings): boolean => database._tag === "Embedded"

/** All variables of the environment, by their whole names. The provider keeps them as a tree, parted at the underscores. */
const variables = Effect.fnUntraced(function*(provider: ConfigProvider.ConfigProvider) {
  const found = new Map<string, string>()
  const walk = (path: ReadonlyArray<string>): Effect.Effect<void> =>
    Effect.flatMap(Effect.orDie(provider.load(path)), (node) =>
      Effect.gen(function*() {
        if (node === undefined) return
        if (node._tag !== "Array" && node.value !== undefined && node.value !== "") {
          found.set(path.join("_"), node.value)
        }
        if (node._tag === "Record") yield* Effect.forEach(node.keys, (key) => walk([...path, key]), { discard: true })
      }))
  yield* walk([])
  return found
})
