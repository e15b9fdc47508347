import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Option, Stream } from "effect"
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { afterAll } from "vitest"
import { suite } from "../../../../test/contracts/blobStore.ts"
import { patternPieces } from "../../../../test/support/pattern.ts"
import { BlobKey, BlobStore } from "./BlobStore.ts"
import * as Folder from "./folder.ts"
import { storeError } from "./folder/failures.ts"

const contractRoot = mkdtempSync(join(tmpdir(), "sheaf-blobs-"))
afterAll(() => rmSync(contractRoot, { recursive: true, force: true }))

suite("BlobStore on a folder", Folder.layer({ root: contractRoot }))

const newFolder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "sheaf-blobs-"))),
  (root) => Effect.promise(() => rm(root, { recursive: true, force: true }))
)

const filesOf = (root: string) =>
  Effect.promise(async () =>
    (await readdir(root, { recursive: true, withFileTypes: true })).filter((it) => !it.isDirectory()).map((it) =>
      it.name
    )
  )

const writer = fileURLToPath(new URL("../../../../test/support/programs/blobWriter.ts", import.meta.url))

/** Runs the writer and kills it as soon as it has read `killAt` bytes of its source. Answers the last thing it said. */
const writeElsewhere = (
  options: { readonly args: ReadonlyArray<string>; readonly killAt?: number; readonly fileLimitKiB?: number }
) =>
  Effect.callback<string>((resume) => {
    const command = `${options.fileLimitKiB === undefined ? "" : `ulimit -f ${options.fileLimitKiB}; `}exec "$0" "$@"`
    const child = spawn("bash", ["-c", command, process.execPath, writer, ...options.args], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    let last = ""
    createInterface({ input: child.stdout }).on("line", (line) => {
      last = line
      if (options.killAt !== undefined && Number(line) >= options.killAt) child.kill("SIGKILL")
    })
    child.on("close", () => resume(Effect.succeed(last)))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

const key = BlobKey.make("tenant/dataset/document/raw")
const MiB = 1024 * 1024

const hashOfPattern = (size: number) => {
  const hash = createHash("sha256")
  for (const piece of patternPieces(0, size)) hash.update(piece)
  return hash.digest("hex")
}

describe("BlobStore on a folder", () => {
  it.live(
    "goes on after kill -9 in the middle of an upload, three times, without a wrong byte",
    () =>
      Effect.gen(function*() {
        const root = yield* newFolder
        const size = 96 * MiB
        let before = 0
        for (const killAt of [20 * MiB, 41 * MiB, 70 * MiB]) {
          yield* writeElsewhere({ args: [root, key, "stage", String(size)], killAt })
          const safe = yield* Effect.provide(
            Effect.flatMap(BlobStore, (store) => store.staged(key)),
            Layer.fresh(Folder.layer({ root }))
          )
          assert.isAtLeast(safe, killAt - 9 * MiB)
          assert.isAtLeast(safe, before)
          before = safe
        }
        const said = yield* writeElsewhere({ args: [root, key, "stage", String(size)] })
        assert.strictEqual(said, "done")
        const info = yield* Effect.provide(
          Effect.flatMap(BlobStore, (store) => store.commit(key)),
          Layer.fresh(Folder.layer({ root }))
        )
        assert.strictEqual(info.size, size)
        assert.strictEqual(info.sha256 as string, hashOfPattern(size))
        assert.deepStrictEqual(yield* filesOf(root), ["raw"])
      }),
    60_000
  )

  it.live(
    "shows nothing of a put that kill -9 ended, and sweeps its bytes at the next start",
    () =>
      Effect.gen(function*() {
        const root = yield* newFolder
        yield* writeElsewhere({ args: [root, key, "put", String(64 * MiB)], killAt: 5 * MiB })
        assert.strictEqual((yield* filesOf(root)).length, 1)
        yield* Effect.gen(function*() {
          const store = yield* BlobStore
          assert.deepStrictEqual(yield* store.size(key), Option.none())
          assert.deepStrictEqual(yield* Stream.runCollect(store.list(BlobKey.make("tenant"))), [])
          assert.strictEqual((yield* filesOf(root)).length, 1, "a young file may belong to a living process")
        }).pipe(Effect.provide(Layer.fresh(Folder.layer({ root }))))
        yield* Effect.repeat(filesOf(root), { until: (files) => files.length === 0 }).pipe(
          Effect.provide(Layer.fresh(Folder.layer({ root, staleAfter: 0 })))
        )
      }),
    60_000
  )

  it.live("answers a full disk with a typed error and keeps what was safe", () =>
    Effect.gen(function*() {
      const root = yield* newFolder
      const limits = { fileLimitKiB: 12 * 1024 }
      const put = yield* writeElsewhere({ args: [root, key, "put", String(16 * MiB)], ...limits })
      assert.strictEqual(put, "failed put retryable=true")
      assert.deepStrictEqual(yield* filesOf(root), [])
      const stage = yield* writeElsewhere({ args: [root, key, "stage", String(16 * MiB)], ...limits })
      assert.strictEqual(stage, "failed stage retryable=true")
      const store = yield* Effect.provide(BlobStore, Layer.fresh(Folder.layer({ root })))
      assert.strictEqual(yield* store.staged(key), 12 * MiB)
      const rest = Stream.fromIterable(patternPieces(12 * MiB, 16 * MiB))
      assert.strictEqual(yield* store.stage(key, 12 * MiB, rest), 16 * MiB)
      assert.strictEqual((yield* store.commit(key)).sha256 as string, hashOfPattern(16 * MiB))
    }), 60_000)

  it.effect("cuts off what lies beyond the last acknowledgement", () =>
    Effect.gen(function*() {
      const root = yield* newFolder
      const store = yield* Effect.provide(BlobStore, Folder.layer({ root }))
      yield* store.stage(key, 0, Stream.fromIterable(patternPieces(0, 1_000)))
      const at = join(root, key)
      yield* Effect.promise(() => writeFile(`${at}~stage`, "torn", { flag: "a" }))
      yield* Effect.promise(() => writeFile(`${at}~ends`, "00000000000", { flag: "a" }))
      const again = yield* Effect.provide(BlobStore, Layer.fresh(Folder.layer({ root })))
      assert.strictEqual(yield* again.staged(key), 1_000)
      assert.strictEqual((yield* again.commit(key)).sha256 as string, hashOfPattern(1_000))
    }))

  it.effect("commits after a death between the name and the clearing up", () =>
    Effect.gen(function*() {
      const root = yield* newFolder
      const store = yield* Effect.provide(BlobStore, Folder.layer({ root }))
      yield* store.stage(key, 0, Stream.fromIterable(patternPieces(0, 1_000)))
      const at = join(root, key)
      const { link } = yield* Effect.promise(() => import("node:fs/promises"))
      yield* Effect.promise(() => link(`${at}~stage`, at))
      assert.strictEqual((yield* store.commit(key)).size, 1_000)
      assert.deepStrictEqual(yield* filesOf(root), ["raw"])
    }))

  it.effect("does not hand out another blob as the committed one", () =>
    Effect.gen(function*() {
      const root = yield* newFolder
      const store = yield* Effect.provide(BlobStore, Folder.layer({ root }))
      yield* store.stage(key, 0, Stream.fromIterable(patternPieces(0, 1_000)))
      yield* store.put(key, Stream.fromIterable(patternPieces(0, 999)))
      assert.deepInclude(yield* Effect.flip(store.commit(key)), { _tag: "BlobStoreError", isRetryable: false })
    }))

  it.effect("stays inside its folder, whatever the key and whatever was planted there", () =>
    Effect.gen(function*() {
      const root = yield* newFolder
      const outside = yield* newFolder
      yield* Effect.promise(() => writeFile(join(outside, "secret"), "secret"))
      const store = yield* Effect.provide(BlobStore, Folder.layer({ root }))
      for (
        const climbing of [
          "..",
          "../x",
          "a/../../x",
          "/etc/passwd",
          "a/./b",
          "a/.hidden",
          "a\\b",
          "A/b",
          "a/b~stage",
          ""
        ]
      ) {
        assert.isTrue(Exit.isFailure(yield* Effect.exit(Effect.sync(() => BlobKey.make(climbing)))), climbing)
        // What the compiler refuses is refused at run time too.
        const forged = climbing as BlobKey
        assert.strictEqual((yield* Effect.flip(store.put(forged, Stream.empty)))._tag, "BlobStoreError")
        assert.strictEqual((yield* Effect.flip(Stream.runDrain(store.get(forged))))._tag, "BlobStoreError")
        assert.strictEqual((yield* Effect.flip(store.removePrefix(forged)))._tag, "BlobStoreError")
      }
      yield* Effect.promise(async () => {
        await symlink(outside, join(root, "planted"))
        await mkdir(dirname(join(root, key)), { recursive: true })
        await symlink(join(outside, "secret"), join(root, key))
      })
      const planted = BlobKey.make("planted/secret")
      assert.strictEqual((yield* Effect.flip(Stream.runDrain(store.get(planted))))._tag, "BlobStoreError")
      assert.strictEqual(
        (yield* Effect.flip(store.put(BlobKey.make("planted/new"), Stream.empty)))._tag,
        "BlobStoreError"
      )
      assert.strictEqual((yield* Effect.flip(Stream.runDrain(store.get(key))))._tag, "BlobNotFound")
      yield* store.removePrefix(BlobKey.make("tenant"))
      assert.deepStrictEqual(yield* filesOf(outside), ["secret"])
    }))

  it.effect("says at start that the folder cannot be used", () =>
    Effect.gen(function*() {
      const root = yield* newFolder
      yield* Effect.promise(() => writeFile(join(root, "file"), ""))
      const error = yield* Effect.flip(Effect.provide(BlobStore, Folder.layer({ root: join(root, "file") })))
      assert.deepInclude(error, { _tag: "BlobStoreError", operation: "open", isRetryable: false })
    }))

  it("knows which causes pass", () => {
    const cause = (code: string) => storeError("put", Object.assign(new Error(code), { code })).isRetryable
    for (const code of ["ENOSPC", "EDQUOT", "EMFILE", "EBUSY"]) assert.isTrue(cause(code), code)
    for (const code of ["EACCES", "EROFS", "EPERM", "ENAMETOOLONG", "ENOTDIR"]) assert.isFalse(cause(code), code)
  })
})
