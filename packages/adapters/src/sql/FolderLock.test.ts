import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Layer, Option, Queue, Scope } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Program from "../../../../test/support/processes/program.ts"
import { temporaryFolder } from "../../../../test/support/temporaryFolder.ts"
import * as FolderLock from "./FolderLock.ts"

/** Another process is waited for in real time. */
const real = Effect.provide(Layer.succeed(Clock.Clock, Clock.Clock.defaultValue()))

const startHolder = Effect.fn(function*(home: string, url: string) {
  const program = yield* Program.start("lockHolder.ts", [home, url])
  assert.strictEqual(yield* Queue.take(program.lines), "held")
  return program
})

describe("FolderLock", () => {
  it.effect("refuses a second process and names the first", () =>
    Effect.gen(function*() {
      const home = yield* temporaryFolder("lock")
      const first = yield* startHolder(home, "http://127.0.0.1:4000")
      const error = yield* Effect.flip(FolderLock.acquire(home))
      assert.strictEqual(error._tag, "FolderInUse")
      assert.include(error.message, `process ${first.pid}, which listens on http://127.0.0.1:4000`)
      const second = yield* Program.start("lockHolder.ts", [home])
      assert.strictEqual(yield* Queue.take(second.lines), "FolderInUse")
      assert.deepStrictEqual(
        yield* FolderLock.holder(home),
        Option.some({ pid: first.pid, url: "http://127.0.0.1:4000" })
      )
    }).pipe(real))

  it.effect("is free at once when the holder is killed, and says that nobody holds it", () =>
    Effect.gen(function*() {
      const home = yield* temporaryFolder("lock")
      const first = yield* startHolder(home, "http://127.0.0.1:4000")
      yield* first.kill("SIGKILL")
      assert.deepStrictEqual(yield* FolderLock.holder(home), Option.none())
      yield* FolderLock.acquire(home)
      assert.deepStrictEqual(yield* FolderLock.holder(home), Option.some({ pid: process.pid }))
    }).pipe(real))

  it.effect("leaves no trace of an orderly end", () =>
    Effect.gen(function*() {
      const home = yield* temporaryFolder("lock")
      const first = yield* startHolder(home, "http://127.0.0.1:4000")
      yield* first.kill("SIGTERM")
      assert.isFalse(Fs.existsSync(Path.join(home, "server.json")))
      assert.deepStrictEqual(yield* FolderLock.holder(home), Option.none())
    }).pipe(real))

  it.effect("refuses a second use within one process, until the first ends", () =>
    Effect.gen(function*() {
      const home = yield* temporaryFolder("lock")
      const scope = yield* Scope.make()
      yield* FolderLock.acquire(home).pipe(Scope.provide(scope))
      const error = yield* Effect.flip(FolderLock.acquire(home))
      assert.strictEqual(error._tag, "FolderInUse")
      // A refused attempt must not have loosened the lock.
      const other = yield* Program.start("lockHolder.ts", [home])
      assert.strictEqual(yield* Queue.take(other.lines), "FolderInUse")
      yield* Scope.close(scope, Exit.void)
      yield* FolderLock.acquire(home)
    }).pipe(real))

  it.effect("says that a folder cannot be used", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryFolder("lock")
      const file = Path.join(folder, "file")
      Fs.writeFileSync(file, "")
      const error = yield* Effect.flip(FolderLock.acquire(Path.join(file, "home")))
      assert.strictEqual(error._tag, "FolderUnusable")
      const damaged = Path.join(folder, "damaged")
      Fs.mkdirSync(Path.join(damaged, "lock.db"), { recursive: true })
      assert.strictEqual((yield* Effect.flip(FolderLock.acquire(damaged)))._tag, "FolderUnusable")
      assert.strictEqual((yield* Effect.flip(FolderLock.holder(damaged)))._tag, "FolderUnusable")
    }).pipe(real))

  it.effect("knows nobody in a folder that was never used", () =>
    Effect.gen(function*() {
      const home = yield* temporaryFolder("lock")
      assert.deepStrictEqual(yield* FolderLock.holder(home), Option.none())
      assert.deepStrictEqual(Fs.readdirSync(home), [])
    }))
})
