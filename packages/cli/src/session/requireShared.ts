import type { Settings } from "@sheaf/adapters/settings"
import { BadConfiguration } from "@sheaf/adapters/settings/Problem"
import { Effect } from "effect"

/** A process beside others needs a database that it can share with them. */
export const requireShared = (command: string, { database }: Settings) =>
  database._tag === "Postgres" ? Effect.void : Effect.fail(
    new BadConfiguration({
      problems: [{
        about: "DATABASE_URL",
        what: `is not set, and \`sheaf ${command}\` cannot use the embedded database, which belongs to one process.`,
        remedy: "Set DATABASE_URL to a PostgreSQL server, or run everything in one process with `sheaf serve`."
      }]
    })
  )
