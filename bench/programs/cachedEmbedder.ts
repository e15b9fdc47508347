import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import { Effect, Layer } from "effect"
import { createHash } from "node:crypto"
import * as Fs from "node:fs"
import * as Path from "node:path"

const hashBytes = 16

const keyOf = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 2 * hashBytes)

/** Vectors of earlier runs, by the hash of their text; a file of records of equal length for each space. */
const openCache = (file: string, dimension: number) => {
  const recordBytes = hashBytes + 4 * dimension
  Fs.mkdirSync(Path.dirname(file), { recursive: true })
  const known = new Map<string, Float32Array>()
  if (Fs.existsSync(file)) {
    const bytes = Fs.readFileSync(file)
    // The last record may have been cut off by the end of the process that wrote it.
    const whole = bytes.length - bytes.length % recordBytes
    if (whole < bytes.length) Fs.truncateSync(file, whole)
    for (let at = 0; at < whole; at += recordBytes) {
      const vector = new Float32Array(dimension)
      new Uint8Array(vector.buffer).set(bytes.subarray(at + hashBytes, at + recordBytes))
      known.set(bytes.toString("hex", at, at + hashBytes), vector)
    }
  }
  const save = (key: string, vector: Float32Array) => {
    known.set(key, vector)
    Fs.appendFileSync(
      file,
      Buffer.concat([Buffer.from(key, "hex"), new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)])
    )
  }
  return { known, save }
}

/** Over an embedder: remembers in a folder what that one answered, from one run to the next. Questions are not remembered. */
export const layer = (folder: string): Layer.Layer<Embedder, never, Embedder> =>
  Layer.effect(
    Embedder,
    Effect.gen(function*() {
      const real = yield* Embedder
      const cache = openCache(Path.join(folder, `${real.space.id}.vectors`), real.space.dimension)
      const embedDocuments: Embedder["Service"]["embedDocuments"] = Effect.fnUntraced(function*(texts) {
        const keys = texts.map(keyOf)
        const missing = texts.filter((_, index) => !cache.known.has(keys[index]!))
        const made = missing.length === 0 ? [] : yield* real.embedDocuments(missing)
        missing.forEach((text, index) => cache.save(keyOf(text), made[index]!))
        return keys.map((key) => cache.known.get(key)!)
      })
      return Embedder.of({ ...real, embedDocuments })
    })
  )
