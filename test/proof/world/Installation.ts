import { PgClient } from "@effect/sql-pg"
import type { BlobStore } from "@sheaf/adapters/blobs/BlobStore"
import * as FolderBlobs from "@sheaf/adapters/blobs/folder"
import * as DatabaseFeed from "@sheaf/adapters/feed/database"
import type { JobFeed } from "@sheaf/adapters/feed/JobFeed"
import * as JetstreamFeed from "@sheaf/adapters/feed/jetstream"
import * as NatsConnection from "@sheaf/adapters/nats/NatsConnection"
import type { HintsRepo } from "@sheaf/adapters/repos/jobs/HintsRepo"
import type { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import type { LeasesRepo } from "@sheaf/adapters/repos/jobs/LeasesRepo"
import * as Pgvector from "@sheaf/adapters/search/pgvector"
import type { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import * as Typesense from "@sheaf/adapters/search/typesense"
import * as InProcessSignals from "@sheaf/adapters/signals/inProcess"
import * as NatsSignals from "@sheaf/adapters/signals/nats"
import type { Signals } from "@sheaf/adapters/signals/Signals"
import type { Embedder } from "@sheaf/adapters/embedding/Embedder"
import * as Postgres from "@sheaf/adapters/sql/postgres"
import type { ParserJail } from "@sheaf/worker/parsing/jail/ParserJail"
import type { RenderJail } from "@sheaf/worker/parsing/render/RenderJail"
import * as Jail from "@sheaf/worker/parsing/jails"
import { Context, Duration, Effect, Layer, Redacted, type Scope } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { SqlClient } from "effect/sql"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { make as makeHost } from "../../../packages/adapters/src/sql/pglite/Host.ts"
import { names } from "../../../packages/adapters/src/sql/names.ts"
import type { Source } from "../evidence/Facts.ts"
import { readFolder } from "../evidence/folder.ts"
import { readIndex } from "../evidence/index.ts"
import { readTypesense } from "../evidence/typesense.ts"
import { keepCompiled } from "../../support/database/compiled.ts"
import * as Database from "../../support/database/Database.ts"
import * as NotionDouble from "../../support/notion/NotionDouble.ts"
import * as NatsServer from "../../support/backends/NatsServer.ts"
import * as PostgresServer from "../../support/backends/PostgresServer.ts"
import { temporaryFolder } from "../../support/temporaryFolder.ts"
import * as TypesenseDouble from "../../support/typesense/TypesenseDouble.ts"
import { stock } from "../operations/syncs.ts"
import * as Model from "./model.ts"
import { prepareHolding } from "./quiet.ts"
import * as Receiver from "./Receiver.ts"

/** A database client of one life, and the end of its connections, as the server sees the death of a process. */
interface Connections {
  readonly sql: SqlClient.SqlClient
  readonly cut: () => void
}

/** The hints of a process, and where it hears of others. */
type Messaging = Signals | NatsConnection.NatsConnection

/** What outlives a process: the database, the folder of blobs, the embedder and the parsers' processes. */
export interface Installation extends Source {
  readonly notion: URL
  readonly profile: Profile
  /** Of the blobs. */
  readonly root: string
  readonly blobs: Layer.Layer<BlobStore>
  readonly index: Layer.Layer<SearchIndex, never, SqlClient.SqlClient>
  readonly signals: Layer.Layer<Messaging>
  readonly feed: Layer.Layer<JobFeed, never, Messaging | JobsRepo | HintsRepo | LeasesRepo>
  readonly outside: Context.Context<Embedder | ParserJail | RenderJail>
  readonly connect: Effect.Effect<Connections, never, Scope.Scope>
  /** Who is told of events. */
  readonly receiver: Effect.Success<ReturnType<typeof Receiver.make>>
}

/** `embedded`: PGlite with the index in it. `production`: PostgreSQL, JetStream, and a double of Typesense. */
export type Profile = "embedded" | "production"

const session = { username: "postgres", database: "postgres", ssl: false, maxMessageSize: 256 * 1024 * 1024 } as const

const embedded = Effect.fnUntraced(function*(home: string) {
  const dataDir = Path.join(home, "database")
  if (!Fs.existsSync(dataDir)) Fs.cpSync(yield* Database.pgliteTemplate, dataDir, { recursive: true })
  yield* keepCompiled
  const host = yield* makeHost(dataDir)
  const client = (stream: typeof host.connect, options: Partial<typeof names> = {}) =>
    PgClient.make({ ...session, ...options, stream, maxConnections: 4, connectTimeout: "2 minutes" }).pipe(
      Effect.provide(Reactivity.layer)
    )
  const observer = yield* client(host.connect)
  return {
    observer,
    index: Pgvector.layer,
    readIndex: (tenantIds: ReadonlyArray<string>) => readIndex(observer, tenantIds),
    // Nobody asks for a connection to NATS where signals stay within the process.
    signals: InProcessSignals.layer as Layer.Layer<Messaging>,
    feed: DatabaseFeed.layer,
    connect: Effect.gen(function*() {
      const open = new Set<ReturnType<typeof host.connect>>()
      let isCut = false
      const sql = yield* client(() => {
        const stream = host.connect()
        open.add(stream)
        stream.once("close", () => open.delete(stream))
        if (isCut) stream.destroy()
        return stream
      }, names)
      const cut = () => {
        isCut = true
        for (const stream of open) stream.destroy()
      }
      return { sql, cut }
    }).pipe(Effect.orDie)
  }
})

const server = Effect.gen(function*() {
  const postgres = yield* PostgresServer.start(yield* Database.postgresTemplate)
  const url = Redacted.value(postgres.url("postgres"))
  const observer = yield* PgClient.make({ url: Redacted.make(url), maxConnections: 3 }).pipe(
    Effect.provide(Reactivity.layer)
  )
  const end = yield* Effect.context<never>()
  const typesense = yield* TypesenseDouble.start()
  const nats = yield* NatsServer.start()
  const connection = NatsConnection.layer({ servers: [nats.url] })
  let lives = 0
  return {
    observer,
    index: Layer.orDie(Typesense.layer({
      urls: [typesense.url],
      apiKey: typesense.apiKey,
      collectionPrefix: "proof",
      timeouts: { search: Duration.seconds(10), write: Duration.seconds(10), ready: Duration.seconds(10) },
      backOff: { first: Duration.millis(20), longest: Duration.seconds(1) }
    })),
    readIndex: (tenantIds: ReadonlyArray<string>) => readTypesense(typesense, tenantIds),
    signals: Layer.orDie(NatsSignals.layer.pipe(Layer.provideMerge(connection))),
    feed: Layer.orDie(JetstreamFeed.layer()),
    connect: Effect.gen(function*() {
      // A user of its own: by that its connections are known, whatever they are called.
      const name = `life_${++lives}`
      yield* observer`create role ${observer(name)} superuser login`
      const own = new URL(url)
      own.username = name
      const context = yield* Layer.build(Postgres.layer({ url: Redacted.make(own.href) }))
      const cut = () => {
        Effect.runForkWith(end)(
          Effect.andThen(
            observer`alter role ${observer(name)} nologin`,
            observer`select pg_terminate_backend(pid) from pg_stat_activity where usename = ${name}`
          )
        )
      }
      return { sql: Context.get(context, SqlClient.SqlClient), cut }
    }).pipe(Effect.orDie)
  }
})

/** Makes an installation that is gone with the scope, or goes on with one that an earlier process had in a folder (embedded). */
export const make = Effect.fn("Installation.make")(
  function*(profile: Profile, folder?: string): Effect.fn.Return<Installation, never, Scope.Scope> {
    const home = folder ?? (yield* temporaryFolder("proof"))
    const root = Path.join(home, "blobs")
    const [database, outside] = yield* Effect.all([
      profile === "embedded" ? embedded(home) : server,
      Layer.build(Layer.merge(
        Model.embedder,
        Jail.layer({
          processes: 2,
          wallTimeMs: 30_000,
          maxMemoryBytes: 1 << 30,
          maxOutputBytes: 1 << 28,
          inputFolders: [root]
        })
      ))
    ], { concurrency: "unbounded" }).pipe(Effect.orDie)
    yield* prepareHolding(database.observer)
    const receiver = yield* Receiver.make(database.observer, home)
    const notion = yield* NotionDouble.start()
    stock(notion.workspace)
    return {
      notion: notion.url,
      receiver,
      ...database,
      profile,
      root,
      readFiles: (tenantIds: ReadonlyArray<string>) => Effect.sync(() => readFolder(root, tenantIds)),
      outside,
      blobs: Layer.orDie(FolderBlobs.layer({ root }))
    }
  }
)
