import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Layer, Option } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import { tmpdir } from "node:os"
import * as Path from "node:path"
import type { BlobStore } from "./blobs/BlobStore.ts"
import { Embedder } from "./embedding/Embedder.ts"
import { previousEmbedders } from "./embedding/Embedders.ts"
import type { JobFeed } from "./feed/JobFeed.ts"
import * as GuardedFetch from "./fetch/GuardedFetch.ts"
import type { NatsConnection } from "./nats/NatsConnection.ts"
import { NotionEndpoint } from "./notion/NotionEndpoint.ts"
import * as KeyFile from "./secrets/keyFile.ts"
import * as KeyRing from "./secrets/keyRing.ts"
import type { Settings } from "./settings.ts"
import type { EmbedderSettings } from "./settings/embedder.ts"
import type { Signals } from "./signals/Signals.ts"
import type { FolderUnusable } from "./sql/FolderLock.ts"
import { migrate, requireMigrated } from "./sql/migrate.ts"
import type { Role } from "./sql/postgres/limits.ts"
import { Attempts } from "./startup/attempt.ts"
import * as Assembly from "./startup/assembly.ts"
import type { FeedNeeds } from "./startup/assembly.ts"

// The one place where configuration selects implementations. Each is loaded when it is chosen, and not before: the embedded profile
// never sees the clients of the others, nor they the embedded database.

/** The layer of a module that is loaded when the layer is built. Errors are told apart by their tags, where they are explained. */
const lazily = <Module, A, R>(
  load: () => Promise<Module>,
  choose: (module: Module) => Layer.Layer<A, Error, R>
): Layer.Layer<A, Error, R> => Layer.unwrap(Effect.map(Effect.promise(load), choose))

const database = ({ database, home }: Settings, role: Role): Layer.Layer<SqlClient, Error> =>
  database._tag === "Embedded"
    ? lazily(() => import("./sql/pglite.ts"), (Pglite) => Pglite.layer({ home }))
    : lazily(
      () => import("./sql/postgres.ts"),
      (Postgres) => Postgres.layer({ url: database.url, limits: database.limits, pooler: database.pooler, role })
    )

/** The database alone, and not migrated, for tools that take as long as it takes. Says what is wrong as a start does. */
export const openDatabase = Effect.fn("Adapters.openDatabase")(function*(settings: Settings) {
  const attempts = new Attempts()
  return yield* Effect.flatMap(attempts.start("database", database(settings, "tool")), attempts.settle)
})

/** The embedded database is migrated when it starts; a server's by command. */
const migrated = ({ database }: Settings): Effect.Effect<void, Error, SqlClient> =>
  (database._tag === "Embedded" ? Effect.asVoid(migrate()) : requireMigrated()).pipe(Effect.provide(NodeServices.layer))

/** A server that is being started with us may take so long; then the start fails and says so. */
const startPatience = "5 seconds"

const embedderOf = (embedder: EmbedderSettings): Layer.Layer<Embedder, Error> => {
  switch (embedder._tag) {
    case "Bundled":
      return lazily(() => import("./embedding/bundled.ts"), (Bundled) =>
        Bundled.layer(
          Option.match(embedder.threads, { onNone: () => ({}), onSome: (threads) => ({ threads }) })
        ))
    case "Tei":
      return lazily(() => import("./embedding/tei.ts"), (Tei) => Tei.layer({ ...embedder.options, startPatience }))
    case "OpenAi":
      return lazily(
        () => import("./embedding/openai.ts"),
        (OpenAi) => OpenAi.layer({ ...embedder.options, startPatience })
      )
  }
}

/** The embedder alone, for programs that need nothing else. */
export const embedder = ({ embedder }: Settings): Layer.Layer<Embedder, Error> => embedderOf(embedder)

const previousEmbedder = ({ previousEmbedder }: Settings): Layer.Layer<never, Error> =>
  Option.match(previousEmbedder, {
    onNone: () => Layer.empty,
    onSome: (settings) =>
      Layer.provide(Layer.effect(previousEmbedders, Effect.map(Embedder, (one) => [one])), embedderOf(settings))
  })

const folderOf = (home: string) => Path.join(home, "blobs")

const blobs = ({ blobs, home }: Settings): Layer.Layer<BlobStore, Error> =>
  blobs._tag === "Folder"
    ? lazily(() => import("./blobs/folder.ts"), (Folder) => Folder.layer({ root: folderOf(home) }))
    : lazily(
      () => import("./blobs/azure.ts"),
      (Azure) => Azure.layer({ credentials: { connectionString: blobs.connectionString }, container: blobs.container })
    )

/** What parsers may read: where `BlobStore.localFile` puts what they parse. A trailing `*` stands for the rest of a name. */
export const localFiles = ({ blobs, home }: Settings): ReadonlyArray<string> =>
  blobs._tag === "Folder" ? [folderOf(home)] : [Path.join(tmpdir(), "sheaf-blob-*")]

const nats = ({ messaging }: Settings, role: Role): Layer.Layer<NatsConnection, Error> | undefined =>
  messaging._tag === "InProcess"
    ? undefined
    : lazily(() => import("./nats/NatsConnection.ts"), (Nats) =>
      Nats.layer({
        servers: messaging.servers,
        prefix: messaging.prefix,
        name: `sheaf ${role}`,
        ...(messaging.tls !== undefined && { tls: messaging.tls }),
        ...(Option.isSome(messaging.credentials) && { credentials: messaging.credentials.value })
      }))

const signals = ({ messaging }: Settings): Layer.Layer<Signals, Error, NatsConnection> =>
  messaging._tag === "InProcess"
    ? lazily(() => import("./signals/inProcess.ts"), (InProcess) => InProcess.layer)
    : lazily(() => import("./signals/nats.ts"), (Nats) => Nats.layer)

/** Where a process that works looks for jobs. One that does not never looks. */
const feed = ({ messaging }: Settings, role: Role): Layer.Layer<JobFeed, Error, FeedNeeds> =>
  messaging._tag === "Nats" && (role === "worker" || role === "all")
    ? lazily(() => import("./feed/jetstream.ts"), (Jetstream) => Jetstream.layer({ replicas: messaging.replicas }))
    : lazily(() => import("./feed/database.ts"), (Database) => Database.layer)

const search = ({ search }: Settings): Assembly.Search =>
  search._tag === "Pgvector"
    ? { inDatabase: lazily(() => import("./search/pgvector.ts"), (Pgvector) => Pgvector.layer) }
    : { apart: lazily(() => import("./search/typesense.ts"), (Typesense) => Typesense.layer(search)) }

/** Searches do without it where it is down, so it is no reason not to start. */
const reranker = ({ reranker }: Settings): Layer.Layer<never, Error> =>
  reranker._tag === "None"
    ? Layer.empty
    : lazily(() => import("./rerank/tei.ts"), (Tei) => Tei.layer(reranker.options))

/** Workers alone tell people. A server that is down is no reason not to start: mails wait for it. */
const mailer = ({ mail }: Settings, role: Role): Layer.Layer<never> =>
  mail._tag === "Log" || role === "api"
    ? Layer.empty
    : Layer.unwrap(Effect.map(Effect.promise(() => import("./notify/smtp.ts")), (Smtp) => Smtp.layer(mail.options)))

/** A key that is made up lies in the data folder, which one process holds. */
const secrets = ({ home, secrets }: Settings): Layer.Layer<never, FolderUnusable> => {
  switch (secrets._tag) {
    case "None":
      return Layer.empty
    case "Keys":
      return KeyRing.layer(secrets.keys)
    case "KeyFile":
      return KeyFile.layer(home)
  }
}

/**
 * Every port and repository, ready for server and worker. Connects to everything at once, and fails with all that is in the way; a
 * data folder that is in use, or cannot be, is an error of its own. `role` says what the process does.
 */
export const layer = (settings: Settings, role: Role = "all") =>
  Layer.mergeAll(assembled(settings, role), GuardedFetch.layer(settings.fetch), mailer(settings, role)).pipe(
    // Repositories that keep secrets look for the box while they are built.
    Layer.provideMerge(secrets(settings)),
    Layer.provide(Layer.succeed(NotionEndpoint, settings.notion))
  )

const assembled = (settings: Settings, role: Role) =>
  Assembly.layer(settings, role, {
    database: database(settings, role),
    migrated: migrated(settings),
    embedder: embedder(settings),
    previousEmbedder: previousEmbedder(settings),
    blobs: blobs(settings),
    nats: nats(settings, role),
    signals: signals(settings),
    feed: feed(settings, role),
    search: search(settings),
    reranker: reranker(settings)
  })
