import { Clock, Effect, Stream } from "effect"
import type { Scope } from "effect"
import { randomUUID } from "node:crypto"
import { open, readdir, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { BlobStoreError } from "./BlobStore.ts"

/** With the id of the process whose file it is. */
const named = /^sheaf-blob-(\d+)-[0-9a-f-]{36}$/

const aDay = 24 * 60 * 60 * 1_000

const attempt = <A>(work: () => Promise<A>): Effect.Effect<A, BlobStoreError> =>
  Effect.tryPromise({
    try: work,
    // A full disk, for one: there may be room again later.
    catch: (cause) => new BlobStoreError({ operation: "localFile", isRetryable: true, cause })
  })

/** A file of these bytes that only this user can read; removed with the scope. */
export const scratchFile = Effect.fnUntraced(
  function*<E>(bytes: Stream.Stream<Uint8Array, E>): Effect.fn.Return<string, E | BlobStoreError, Scope.Scope> {
    const path = join(tmpdir(), `sheaf-blob-${process.pid}-${randomUUID()}`)
    yield* Effect.addFinalizer(() => Effect.ignore(attempt(() => rm(path, { force: true }))))
    yield* Effect.acquireUseRelease(
      attempt(() => open(path, "wx", 0o600)),
      (file) => Stream.runForEach(bytes, (piece) => attempt(() => file.writeFile(piece))),
      (file) => Effect.ignore(attempt(() => file.close()))
    )
    return path
  }
)

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process is one, too.
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}

/**
 * Removes the files that processes have left which were killed. In a container every process has the same id: an older file under our own
 * is of the last one.
 */
export const sweepScratch = Effect.gen(function*() {
  const folder = tmpdir()
  const now = yield* Clock.currentTimeMillis
  // Long before the first file of our own: modules are loaded first.
  const begun = now - process.uptime() * 1_000
  for (const name of yield* attempt(() => readdir(folder))) {
    const pid = named.exec(name)?.[1]
    if (pid === undefined) continue
    const path = join(folder, name)
    yield* Effect.ignore(attempt(async () => {
      const written = (await stat(path)).mtimeMs
      const isOurs = Number(pid) === process.pid
      const isWanted = isOurs ? written >= begun : isAlive(Number(pid))
      // The same id may be another process by now: nothing is parsed for a day.
      if (!isWanted || written < now - aDay) await rm(path, { force: true })
    }))
  }
}).pipe(Effect.ignore({ log: "Warn" }))
