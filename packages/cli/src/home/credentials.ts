import { Data, Effect, Option, Redacted } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { writeOwnersFile } from "./ownersFile.ts"

// The first key of an installation lies in `<home>/credentials`, readable by the owner of the folder alone.

/** The data folder has no key, or it cannot be read. */
export class NoKey extends Data.TaggedError("NoKey")<{ readonly file: string; readonly reason: string }> {
  override get message() {
    return `There is no key in ${this.file}: ${this.reason}.`
  }
  get hint() {
    return "Pass --key, set SHEAF_KEY, or name a --server. A key that is lost cannot be read again; any key with the scope admin makes new ones."
  }
}

export const credentialsFile = (home: string): string => Path.join(home, "credentials")

/** Writes the key so that it is whole or not there at all, and on the disk when this returns. */
export const writeKey = (home: string, key: Redacted.Redacted): Effect.Effect<void, NoKey> => {
  const file = credentialsFile(home)
  return Effect.try({
    try: () => writeOwnersFile(file, `${Redacted.value(key)}\n`),
    catch: (error) => new NoKey({ file, reason: reasonOf(error) })
  })
}

/** `None` when the folder has none yet. */
export const findKey = (home: string): Effect.Effect<Option.Option<Redacted.Redacted>, NoKey> =>
  Effect.try({
    try: () => {
      if (!Fs.existsSync(credentialsFile(home))) return Option.none()
      const key = Fs.readFileSync(credentialsFile(home), "utf8").trim()
      return key === "" ? Option.none() : Option.some(Redacted.make(key, { label: "key" }))
    },
    catch: (error) => new NoKey({ file: credentialsFile(home), reason: reasonOf(error) })
  })

/** Fails when there is none. */
export const readKey = (home: string): Effect.Effect<Redacted.Redacted, NoKey> =>
  findKey(home).pipe(
    Effect.flatMap(Effect.fromOption),
    Effect.mapError((error) =>
      error instanceof NoKey
        ? error
        : new NoKey({ file: credentialsFile(home), reason: "the file is missing or empty" })
    )
  )

const reasonOf = (error: unknown): string => error instanceof Error ? error.message : String(error)
