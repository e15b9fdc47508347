import { Cause, Effect, Schedule, Schema } from "effect"
import { MigrationError, type ResolvedMigration } from "effect/sql/Migrator"
import * as MigratorFileSystem from "effect/sql/MigratorFileSystem"
import { BeginTransaction, SqlClient } from "effect/sql/SqlClient"
import { isSqlError, type SqlError } from "effect/sql/SqlError"
import { fileURLToPath } from "node:url"

// Migrations are forward only. What is applied is a row of `schema_migrations`; what a program knows is a file in `migrations/`.
//
//   migrate()        applies what is owed, in one transaction
//   owed()           names what is owed, without waiting for a migration that runs
//   requireMigrated  for programs that do not migrate by themselves: an error instead of work on the wrong tables
//
// All of them need `FileSystem` and `Path` (`NodeServices.layer`), and refuse a database that a newer release has migrated.

/** The folder of the migrations, `0001_name.ts` and so on, each of which default-exports an Effect over `SqlClient`. */
export const folder = fileURLToPath(new URL("../../../../migrations", import.meta.url))

/** A newer release has migrated the database: this one does not know what has become of its tables. */
export class DatabaseNewer extends Schema.TaggedError<DatabaseNewer>()("DatabaseNewer", {
  /** The applied migrations that are not known here. */
  unknown: Schema.Array(Schema.String)
}) {
  override get message() {
    return `The database was migrated by a newer release of Sheaf (${this.unknown.join(", ")}). ` +
      "Use that release, or restore the backup that was made before it."
  }
}

/** The database lacks migrations that this program relies on. */
export class MigrationsOwed extends Schema.TaggedError<MigrationsOwed>()("MigrationsOwed", {
  owed: Schema.Array(Schema.String)
}) {
  override get message() {
    return `The database lacks ${this.owed.join(", ")}. Run \`sheaf migrate\`.`
  }
}

interface Options {
  /** Where the migrations are, `folder` unless told otherwise. */
  readonly directory?: string
}

/** Any number that nobody else takes: "shea" in ASCII. */
const lock = 0x73686561

const nameOf = (id: number, name: string) => `${`${id}`.padStart(4, "0")}_${name}`

/** The name a migration has everywhere, and how it is loaded. */
const known = Effect.fnUntraced(function*({ directory = folder }: Options) {
  const found = yield* MigratorFileSystem.fromFileSystem(directory)
  if (new Set(found.map(([id]) => id)).size < found.length) {
    return yield* new MigrationError({ kind: "Duplicates", message: `Two migrations in ${directory} share a number` })
  }
  return found
})

/** What of `found` the database lacks. A missing table means that it has none. */
const lacking = Effect.fnUntraced(function*(found: ReadonlyArray<ResolvedMigration>) {
  const sql = yield* SqlClient
  const [table] = yield* sql`select to_regclass('schema_migrations') is not null as present`
  if (table?.["present"] !== true) return found
  const rows = yield* sql`select migration_id as id, name from schema_migrations order by migration_id`
  const applied = new Set(rows.map((row) => nameOf(Number(row["id"]), String(row["name"]))))
  const names = new Set(found.map(([id, name]) => nameOf(id, name)))
  const unknown = [...applied].filter((name) => !names.has(name))
  if (unknown.length > 0) return yield* new DatabaseNewer({ unknown })
  return found.filter(([id, name]) => !applied.has(nameOf(id, name)))
})

/** The names of the migrations that the database lacks, in their order. */
export const owed = Effect.fn("owed")(function*(options: Options = {}) {
  const missing = yield* lacking(yield* known(options))
  return missing.map(([id, name]) => nameOf(id, name))
})

/** Fails where `owed` names any. */
export const requireMigrated = Effect.fn("requireMigrated")(function*(options: Options = {}) {
  const missing = yield* owed(options)
  if (missing.length > 0) return yield* new MigrationsOwed({ owed: missing })
})

/** A migration takes as long as it takes, whatever the connection, the role or the database says about other statements. */
const withoutLimits = SqlClient.use((sql) =>
  sql`select set_config(name, '0', true) from pg_settings where name in
    ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')`
)

/** As the rule of the folder says: the types of what is imported cannot be known. */
const isMigration = (value: unknown): value is Effect.Effect<unknown, SqlError, SqlClient> => Effect.isEffect(value)

type Loaded = readonly [id: number, name: string, load: Effect.Effect<unknown, Error, SqlClient>]

const apply = Effect.fnUntraced(function*([id, name, load]: Loaded) {
  const sql = yield* SqlClient
  const title = nameOf(id, name)
  const failed = (cause: unknown) => new MigrationError({ kind: "Failed", cause, message: `Migration ${title} failed` })
  const module = yield* Effect.catchCause(load, (cause) => Effect.fail(failed(Cause.squash(cause))))
  const body = typeof module === "object" && module !== null && "default" in module ? module.default : undefined
  if (!isMigration(body)) {
    return yield* new MigrationError({ kind: "ImportError", message: `Migration ${title} exports no Effect` })
  }
  yield* Effect.mapError(body, failed)
  yield* sql`insert into schema_migrations (migration_id, name) values (${id}, ${name})`
  return title
})

/** The database gave the migrations up for the sake of processes at work (40P01), or did not get a lock from them in time (55P03). */
const isInTheWay = (error: unknown): boolean =>
  error instanceof MigrationError
    ? isInTheWay(error.cause)
    : isSqlError(error) && (error.reason._tag === "DeadlockError" || error.reason._tag === "LockTimeoutError")

const patience = Schedule.exponential("500 millis").pipe(Schedule.jittered, Schedule.upTo({ times: 5 }))

/**
 * Applies the migrations that are owed and answers their names. All of them are one transaction: when one fails, or the process dies,
 * nothing has happened. Safe from several processes at once: one applies, the others wait and then find nothing to do. Knows no
 * time limit. Processes that work meanwhile may take locks in another order: then it begins again, up to five times.
 */
export const migrate = Effect.fn("migrate")(function*(options: Options = {}) {
  const sql = yield* SqlClient
  const found = yield* known(options)
  return yield* Effect.provideService(
    sql.withTransaction(Effect.gen(function*() {
      yield* withoutLimits
      yield* sql`select pg_advisory_xact_lock(${lock})`
      yield* sql`create table if not exists schema_migrations (
      migration_id int primary key, created_at timestamptz not null default now(), name text not null)`
      return yield* Effect.forEach(yield* lacking(found), apply)
      // Whoever has waited for the lock must see what the one before has done, whatever the database's own default is.
    })),
    BeginTransaction,
    "BEGIN ISOLATION LEVEL READ COMMITTED"
  ).pipe(Effect.retry({ schedule: patience, while: isInTheWay }))
})

const breakpoint = /^\s*-->\s*statement-breakpoint\s*$/m

/** Runs a text of several statements, parted by lines that read `--> statement-breakpoint`: the client takes one at a time. */
export const statements = (text: string) =>
  Effect.flatMap(SqlClient, (sql) =>
    Effect.forEach(
      text.split(breakpoint).map((part) => part.trim()).filter((part) => part !== ""),
      (part) => sql.unsafe(part),
      { discard: true }
    ))
