import { Effect, Layer, Redacted } from "effect"
import { SecureRandom } from "effect/crypto"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { FolderUnusable } from "../sql/FolderLock.ts"
import * as KeyRing from "./keyRing.ts"
import type { SecretKey } from "./keyRing.ts"

// The embedded profile needs no set-up: it makes up its key when it starts for the first time.

export const fileOf = (home: string): string => Path.join(home, "secret.key")

const id = "home"
const keyBytes = 32

/** Whole or not there at all, for its owner alone, and on the disk when this returns. Who comes second takes what is there. */
const writeOnce = (file: string): void => {
  if (Fs.existsSync(file)) return
  const draft = `${file}.${process.pid}`
  const handle = Fs.openSync(draft, "w", 0o600)
  try {
    Fs.fchmodSync(handle, 0o600)
    Fs.writeSync(handle, `${Buffer.from(SecureRandom.randomBytesUnsafe(keyBytes)).toString("base64")}\n`)
    Fs.fsyncSync(handle)
  } finally {
    Fs.closeSync(handle)
  }
  try {
    // Unlike a rename, this never takes the place of a key that somebody else has made meanwhile.
    Fs.linkSync(draft, file)
  } catch (error) {
    if (!Fs.existsSync(file)) throw error
  } finally {
    Fs.unlinkSync(draft)
  }
}

/** The key of a data folder; made where there is none. */
export const read = (home: string): Effect.Effect<SecretKey, FolderUnusable> => {
  const file = fileOf(home)
  return Effect.try({
    try: () => {
      Fs.mkdirSync(home, { recursive: true })
      writeOnce(file)
      const key = Buffer.from(Fs.readFileSync(file, "utf8").trim(), "base64")
      if (key.length !== keyBytes) throw new Error(`${file} does not hold ${keyBytes} bytes in base64`)
      return { id, key: Redacted.make(new Uint8Array(key), { label: "secret key" }) }
    },
    catch: (cause) => new FolderUnusable({ home, cause })
  })
}

export const layer = (home: string): Layer.Layer<never, FolderUnusable> =>
  Layer.unwrap(Effect.map(read(home), (key) => KeyRing.layer([key])))
