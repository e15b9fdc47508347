import { isAlone, type Settings } from "@sheaf/adapters/settings"
import * as FolderLock from "@sheaf/adapters/sql/FolderLock"
import { Clock, Effect } from "effect"
import { Argument, Command } from "effect/cli"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { pipeline } from "node:stream/promises"
import { archive } from "../backup/tar.ts"
import { chosen, shown } from "../settings/chosen.ts"
import { commandName } from "../settings/globals.ts"
import { Misused, StartFailed } from "../terminal/failures.ts"
import { Output } from "../terminal/Output.ts"
import { bytes, duration } from "../terminal/words.ts"
import { local } from "./handled.ts"

/** What a data folder is made of. Its keys stay where they are: whoever gets a backup must not get in. */
const parts = ["database", "blobs"] as const

/** Where the bytes of documents lie, if not in the data folder. */
const elsewhere = ({ blobs }: Settings) =>
  blobs._tag === "Azure" ? `the container ${blobs.container} of the Azure storage account` : undefined

export const backup = Command.make(
  "backup",
  {
    file: Argument.String("file").pipe(
      Argument.withDescription("Archive to write, like sheaf.tar.gz; it must not exist")
    )
  },
  local(Effect.fnUntraced(function*({ file }) {
    const output = yield* Output
    const settings = yield* chosen
    const { home } = settings
    const startedAt = yield* Clock.currentTimeMillis
    if (!isAlone(settings)) {
      return yield* new Misused({
        message: "The database is a PostgreSQL server of its own.",
        hint: `This command copies the data folder alone. Back the database up with pg_dump, and then ${
          elsewhere(settings) ?? Path.join(home, "blobs")
        }; docs/operations.md says how.`
      })
    }
    const target = Path.resolve(file)
    if (Fs.existsSync(target)) {
      return yield* new Misused({
        message: `${file} exists already.`,
        hint: "Choose another name: nothing is overwritten."
      })
    }
    if (!Fs.existsSync(Path.join(home, "database"))) {
      return yield* new Misused({
        message: `There is nothing in ${shown(home)} yet.`,
        hint: "Name the folder with --home."
      })
    }
    // Nobody writes while the lock is held, so all files belong to one moment.
    const size = yield* Effect.scoped(Effect.andThen(
      FolderLock.acquire(home),
      Effect.tryPromise({
        try: (signal) => write(home, target, signal),
        catch: (error) =>
          new StartFailed({
            part: "The backup",
            detail: error instanceof Error ? error.message : String(error),
            hint: "Check that the disk has room and that the folder can be written.",
            log: []
          })
      })
    )).pipe(
      Effect.catchTag("FolderInUse", (error) =>
        new Misused({
          message: error.message,
          hint: "Stop `sheaf serve` for the time of the backup: it needs the folder for itself."
        }))
    )

    const elapsedMs = (yield* Clock.currentTimeMillis) - startedAt
    const name = yield* commandName
    const keys = ["credentials", "secret.key"].map((key) => shown(Path.join(home, key))).join(" ")
    const missing = elsewhere(settings)
    yield* output.result(
      { type: "result", file: target, bytes: size, elapsedMs, ...(missing !== undefined && { missing }) },
      () => target
    )
    if (missing !== undefined) {
      yield* output.note(
        `${output.noteStyle.yellow("warning:")} The bytes of documents lie in ${missing} and are not in this backup: ` +
          "keep them there with soft delete and versioning (docs/operations.md)."
      )
    }
    yield* output.note(
      `${bytes(size)} in ${
        duration(elapsedMs)
      }: everything but the keys in ${keys}, which belong in a safe of their own.
To restore it:
  mkdir restored && tar -xzf ${file} -C restored && cp ${keys} restored/
  ${name} serve --home restored`
    )
  }))
).pipe(
  Command.withDescription(
    `Copy the data folder, at one moment and whole, into an archive; nothing may be using it meanwhile.

What lies elsewhere is not in it: with PostgreSQL it refuses, and with Azure it copies the database and says what is missing.`
  ),
  Command.withShortDescription("Copy the data folder into an archive"),
  Command.withExamples([{ command: "sheaf backup sheaf-2026-11-22.tar.gz" }])
)

/** Under another name until all of it is on the disk: a file of the wanted name is a whole backup. */
const write = async (home: string, target: string, signal: AbortSignal): Promise<number> => {
  const draft = `${target}.partial`
  try {
    const present = parts.filter((part) => Fs.existsSync(Path.join(home, part)))
    await pipeline(archive(home, present), Fs.createWriteStream(draft, { mode: 0o600, flush: true }), { signal })
    Fs.renameSync(draft, target)
    return Fs.statSync(target).size
  } catch (error) {
    Fs.rmSync(draft, { force: true })
    throw error
  }
}
