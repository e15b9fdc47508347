import { Effect, Option, Schedule, Schema } from "effect"
import type { Scope } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { DatabaseSync } from "node:sqlite"

// One process at a time may use a data folder. The lock is a SQLite file lock on `<home>/lock.db`: the kernel holds it for
// the process and lets go when the process dies, however it dies, so there is no stale lock to guess about.
// Nothing else may open that file: in one process, closing any other handle on it would drop the lock.
// `<home>/server.json` says who holds it and on which URL it listens; it is a note, never the lock.

const Note = Schema.Struct({ pid: Schema.Int, url: Schema.optionalKey(Schema.String) })
export type Holder = typeof Note.Type

/** Another process, or another part of this one, uses the folder. */
export class FolderInUse extends Schema.TaggedError<FolderInUse>()("FolderInUse", {
  home: Schema.String,
  /** Absent when the holder has not said who it is yet. */
  pid: Schema.optionalKey(Schema.Int),
  url: Schema.optionalKey(Schema.String)
}) {
  override get message() {
    const who = this.pid === undefined ? "another process" : `process ${this.pid}`
    const where = this.url === undefined ? "" : `, which listens on ${this.url}`
    return `The data folder ${this.home} is in use by ${who}${where}. Stop it, connect to it, or choose another folder.`
  }
}

/** The folder cannot be made, written or locked. */
export class FolderUnusable extends Schema.TaggedError<FolderUnusable>()("FolderUnusable", {
  home: Schema.String,
  cause: Schema.Defect()
}) {
  override get message() {
    const why = this.cause instanceof Error ? this.cause.message : String(this.cause)
    return `The data folder ${this.home} cannot be used: ${why}`
  }
}

const lockFile = (home: string) => Path.join(home, "lock.db")
const noteFile = (home: string) => Path.join(home, "server.json")

const isBusy = (error: unknown) => error instanceof Error && "errcode" in error && error.errcode === 5

/** Locks now or says that another holds it. Throws on anything else. */
const tryLock = (home: string): Option.Option<DatabaseSync> => {
  const database = new DatabaseSync(lockFile(home))
  try {
    database.exec("BEGIN EXCLUSIVE")
    return Option.some(database)
  } catch (error) {
    database.close()
    if (isBusy(error)) return Option.none()
    throw error
  }
}

const writeNote = (home: string, note: Holder) => {
  const draft = `${noteFile(home)}.${process.pid}`
  Fs.writeFileSync(draft, JSON.stringify(note), { mode: 0o600 })
  Fs.renameSync(draft, noteFile(home))
}

const readNote = (home: string): Option.Option<Holder> => {
  try {
    return Schema.decodeOption(Schema.fromJsonString(Note))(Fs.readFileSync(noteFile(home), "utf8"))
  } catch {
    return Option.none()
  }
}

const unusable = (home: string) => (cause: unknown) => new FolderUnusable({ home, cause })

/** A reader that looks whether the lock is held stands in the way for an instant: try again before giving up. */
const patience = Schedule.max([Schedule.spaced("50 millis"), Schedule.recurs(10)])

/**
 * Takes the folder for this process until the scope closes, making it when it is missing. Never waits for the holder:
 * fails with `FolderInUse`, which names it.
 */
export const acquire = Effect.fn("FolderLock.acquire")(function*(
  home: string
): Effect.fn.Return<void, FolderInUse | FolderUnusable, Scope.Scope> {
  yield* Effect.try({
    try: () => Fs.mkdirSync(home, { recursive: true, mode: 0o700 }),
    catch: unusable(home)
  })
  const inUse = Effect.sync(() => new FolderInUse({ home, ...Option.getOrUndefined(readNote(home)) }))
  const lock = Effect.try({ try: () => tryLock(home), catch: unusable(home) }).pipe(
    Effect.flatMap(Option.match({ onNone: () => Effect.flatMap(inUse, Effect.fail), onSome: Effect.succeed })),
    Effect.retry({ schedule: patience, while: (error) => error._tag === "FolderInUse" })
  )
  yield* Effect.acquireRelease(lock, (database) =>
    Effect.sync(() => {
      Fs.rmSync(noteFile(home), { force: true })
      database.close()
    }))
  yield* Effect.try({ try: () => writeNote(home, { pid: process.pid }), catch: unusable(home) })
})

/** Says on which URL the holder listens. To be called by the holder alone, after `acquire`. */
export const announce = (home: string, options: { readonly url: string }): Effect.Effect<void, FolderUnusable> =>
  Effect.try({ try: () => writeNote(home, { pid: process.pid, ...options }), catch: unusable(home) })

const isFree = (home: string) => {
  if (!Fs.existsSync(lockFile(home))) return true
  const lock = tryLock(home)
  if (Option.isSome(lock)) lock.value.close()
  return Option.isSome(lock)
}

/** Who uses the folder now, if anybody. Fails with `FolderInUse` when the holder keeps silent about who it is. */
export const holder = Effect.fn("FolderLock.holder")(
  function*(home: string): Effect.fn.Return<Option.Option<Holder>, FolderInUse | FolderUnusable> {
    if (yield* Effect.try({ try: () => isFree(home), catch: unusable(home) })) return Option.none()
    const note = readNote(home)
    return Option.isSome(note) ? note : yield* new FolderInUse({ home })
  },
  Effect.retry({ schedule: patience, while: (error) => error._tag === "FolderInUse" })
)
