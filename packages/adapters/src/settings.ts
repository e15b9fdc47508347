import { Config, Option, type Redacted } from "effect"
import * as Path from "node:path"

// What the environment says about the adapters. Apart from them, so that a program can look at it without loading any.

export interface Settings {
  /** The data folder of the embedded profile: database, blobs, lock, credentials. */
  readonly home: string
  /** Where given, the database is this PostgreSQL server; it must have the extension `vector` for the search index. */
  readonly databaseUrl: Option.Option<Redacted.Redacted>
  /** Threads that embed; each takes about 130 MB. */
  readonly embedderThreads: Option.Option<number>
}

/** What the environment says. No variable set means embedded; one that is set and malformed is an error. */
export const settings: Config.Config<Settings> = Config.all({
  home: Config.String("SHEAF_HOME").pipe(Config.withDefault("./.sheaf"), Config.map((home) => Path.resolve(home))),
  databaseUrl: Config.option(Config.Redacted("DATABASE_URL")),
  embedderThreads: Config.option(Config.Int("SHEAF_EMBEDDER_THREADS"))
})

/** Whether nobody else can be at work on the same database. */
export const isAlone = (chosen: Settings): boolean => Option.isNone(chosen.databaseUrl)
