import { Effect } from "effect"
import * as Fs from "node:fs"
import { FolderUnusable } from "../FolderLock.ts"
import { type DatabaseNotOpened, initialise } from "./Host.ts"

const copy = (from: string, to: string) =>
  Effect.sync(() => Fs.cpSync(from, to, { recursive: true, mode: Fs.constants.COPYFILE_FICLONE }))

/**
 * Makes sure that `dataDir` holds a database: an empty one, or a copy of `snapshot`. It appears whole or not at all, so a
 * process that dies while it makes one leaves nothing that could be taken for a database.
 */
export const prepare = Effect.fn("dataDirectory.prepare")(
  function*(dataDir: string, snapshot: string | undefined): Effect.fn.Return<void, DatabaseNotOpened> {
    if (Fs.existsSync(dataDir)) return
    const draft = `${dataDir}.draft`
    Fs.rmSync(draft, { recursive: true, force: true })
    yield* snapshot === undefined ? initialise(draft) : copy(snapshot, draft)
    Fs.renameSync(draft, dataDir)
  },
  (effect, dataDir) => Effect.catchDefect(effect, (cause) => Effect.fail(new FolderUnusable({ home: dataDir, cause })))
)
