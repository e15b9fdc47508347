import { Cause, Effect, Layer, Option, Predicate } from "effect"
import { BadConfiguration, DependencyDown } from "@sheaf/adapters/settings/Problem"
import { messageOf } from "@sheaf/adapters/startup/explain"
import { FolderInUse, FolderUnusable } from "@sheaf/adapters/sql/FolderLock"
import { NoKey } from "../home/credentials.ts"
import * as LogFile from "../home/logFile.ts"
import { StartFailed } from "../terminal/failures.ts"

/** What to try, by what went wrong. */
const remedies: ReadonlyArray<readonly [pattern: RegExp, hint: string]> = [
  [/EADDRINUSE/, "Another program listens there: choose another --port."],
  [/EACCES|EPERM|permission denied/i, "Check who owns the data folder, or choose another with --home."],
  [/ENOSPC|no space/i, "The disk is full: make room and start again."],
  [/ENOENT/, "A file is missing: run `npm ci` again."],
  [/memory|Aborted/i, "Close other programs: the embedded profile needs about 1 GB of memory."]
]

/** These say themselves what they are about. */
type Passed = BadConfiguration | DependencyDown | FolderInUse | FolderUnusable | NoKey | StartFailed
const passes = (error: unknown): error is Passed =>
  [BadConfiguration, DependencyDown, FolderInUse, FolderUnusable, NoKey, StartFailed].some((kind) =>
    error instanceof kind
  )

/** Gives the failures of a part of the process its name. A folder in use is no failure of a part: another may serve it. */
export const failsAs =
  (part: string, home?: string) => <A, E, R>(layer: Layer.Layer<A, E, R>): Layer.Layer<A, Passed, R> =>
    Layer.catchCause(layer, (cause) =>
      Layer.effectContext(Effect.gen(function*() {
        const error = Cause.findErrorOption(cause)
        if (Option.isSome(error) && passes(error.value)) return yield* error.value
        if (Cause.hasInterruptsOnly(cause)) return yield* Effect.interrupt
        const squashed = Cause.squash(cause)
        const detail = messageOf(squashed)
        const before = home === undefined ? [] : yield* LogFile.lastLines(home, 20)
        yield* Effect.logError(`${part} did not start`, cause)
        return yield* new StartFailed({
          part: partOf(squashed) ?? part,
          detail,
          hint: remedies.find(([pattern]) => pattern.test(detail))?.[1]
            ?? (home === undefined
              ? "`sheaf doctor` looks at every part."
              : `See ${LogFile.logFile(home)}, or begin with an empty folder: --home ./other`),
          log: before
        })
      })))

const parts: Readonly<Record<string, string>> = {
  DatabaseNotOpened: "The embedded database",
  SqlError: "The database",
  MigrationError: "The migration of the database",
  BlobStoreError: "The blob store",
  ServeError: "The server"
}

const partOf = (error: unknown): string | undefined =>
  Predicate.hasProperty(error, "_tag") && Predicate.isString(error._tag) ? parts[error._tag] : undefined
