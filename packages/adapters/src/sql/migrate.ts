import { Effect } from "effect"
import * as Migrator from "effect/sql/Migrator"
import * as MigratorFileSystem from "effect/sql/MigratorFileSystem"
import { SqlClient } from "effect/sql/SqlClient"
import { fileURLToPath } from "node:url"

/** The folder of the migrations, `0001_name.ts` and so on, each of which default-exports an Effect over `SqlClient`. */
export const folder = fileURLToPath(new URL("../../../../migrations", import.meta.url))

const run = Migrator.make({})

/**
 * Applies the migrations that are missing, all in one transaction, and answers their names. Safe to run twice and from
 * several processes at once: the others wait and then find nothing to do.
 * Needs `FileSystem` and `Path` (`NodeServices.layer`).
 */
export const migrate = (options?: { readonly directory?: string }) =>
  run({ loader: MigratorFileSystem.fromFileSystem(options?.directory ?? folder), table: "schema_migrations" }).pipe(
    Effect.map((applied) => applied.map(([id, name]) => `${`${id}`.padStart(4, "0")}_${name}`)),
    Effect.withSpan("migrate")
  )

const breakpoint = /^\s*-->\s*statement-breakpoint\s*$/m

/** Runs a text of several statements, parted by lines that read `--> statement-breakpoint`: the client takes one at a time. */
export const statements = (text: string) =>
  Effect.flatMap(SqlClient, (sql) =>
    Effect.forEach(
      text.split(breakpoint).map((part) => part.trim()).filter((part) => part !== ""),
      (part) => sql.unsafe(part),
      { discard: true }
    ))
