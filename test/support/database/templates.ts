import { Clock, Effect, Schedule } from "effect"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import * as FolderLock from "../../../packages/adapters/src/sql/FolderLock.ts"
import { folder as migrations } from "../../../packages/adapters/src/sql/migrate.ts"

const cache = fileURLToPath(new URL("../../../node_modules/.cache/sheaf-databases", import.meta.url))

/** Pins the exact version of PGlite. */
export const manifest = fileURLToPath(new URL("../../../packages/adapters/package.json", import.meta.url))

/** Templates of migrations that have changed since are of no use. An hour spares those that another run still copies. */
const keptMillis = 60 * 60 * 1_000

const inputsHash = () => {
  const hash = Crypto.createHash("sha256").update(Fs.readFileSync(manifest))
  for (const name of Fs.readdirSync(migrations).sort()) {
    hash.update(`${name}\n`).update(Fs.readFileSync(Path.join(migrations, name)))
  }
  return hash.digest("hex").slice(0, 16)
}

const sweep = (now: number) => {
  for (const name of Fs.readdirSync(cache)) {
    const path = Path.join(cache, name)
    if (now - Fs.statSync(path).mtimeMs > keptMillis) Fs.rmSync(path, { recursive: true, force: true })
  }
}

/**
 * The data directory of an engine with all migrations applied, built once for each version of engine and migrations.
 * `build` fills the folder it is given. Test files that run at the same time wait for the one that builds.
 */
export const template = Effect.fn("template")(function*<E, R>(
  engine: string,
  build: (folder: string) => Effect.Effect<void, E, R>
) {
  const target = Path.join(cache, `${engine}-${inputsHash()}`)
  if (Fs.existsSync(target)) return target
  return yield* Effect.gen(function*() {
    yield* Effect.retry(FolderLock.acquire(`${cache}.lock`), {
      schedule: Schedule.spaced("100 millis"),
      while: (error) => error._tag === "FolderInUse"
    })
    if (Fs.existsSync(target)) return target
    const draft = `${target}.draft`
    Fs.rmSync(draft, { recursive: true, force: true })
    Fs.mkdirSync(draft, { recursive: true })
    yield* build(draft)
    Fs.renameSync(draft, target)
    sweep(yield* Clock.currentTimeMillis)
    return target
  }).pipe(Effect.scoped)
})
