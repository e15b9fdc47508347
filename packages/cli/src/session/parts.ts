import * as Adapters from "@sheaf/adapters/Adapters"
import type { Settings } from "@sheaf/adapters/settings"
import { ensureFirstKey } from "@sheaf/server/admin/firstKey"
import * as ParserJail from "@sheaf/worker/parsing/jail/layer"
import { Effect, Logger, Option } from "effect"
import { availableParallelism } from "node:os"
import { writeKey } from "../home/credentials.ts"

// What the processes of Sheaf have in common.

/** The parsers of a process that works. */
export const jail = (settings: Settings) =>
  ParserJail.layer({
    // A document is parsed before any of it is embedded, so the two do not compete for the cores.
    processes: Math.min(4, availableParallelism()),
    wallTimeMs: 120_000,
    maxMemoryBytes: 1_500_000_000,
    maxOutputBytes: 512_000_000,
    inputFolders: Adapters.localFiles(settings)
  })

/** Makes the first key where there is none. One that the settings give is known to whoever gave it, and needs no file. */
export const firstKey = ({ firstKey, home }: Settings) =>
  ensureFirstKey((secret) => Option.isSome(firstKey) ? Effect.void : writeKey(home, secret), firstKey)

/** Everything that is logged goes to standard error, as programs read it. */
export const logToStderr = ({ logFormat }: Settings) =>
  Logger.layer([
    Logger.map(logFormat === "json" ? Logger.formatJson : Logger.formatLogFmt, (line) => {
      process.stderr.write(`${line}\n`)
    })
  ])
