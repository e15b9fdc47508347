import { Sha256 } from "@sheaf/domain/ids"
import { Clock, Duration, Effect, Layer, Option, Stream } from "effect"
import { createHash } from "node:crypto"
import { lstat, realpath } from "node:fs/promises"
import { join, resolve } from "node:path"
import { BlobExists, type BlobInfo, type BlobKey, BlobNotFound, BlobStore, type BlobStoreError } from "./BlobStore.ts"
import { attempt, codeOf, complete, storeError } from "./folder/failures.ts"
import {
  factsOf,
  linkDurably,
  makeDirectory,
  openInDirectory,
  openToRead,
  openToWrite,
  readSize,
  unlinkIfThere,
  writeAll
} from "./folder/files.ts"
import { makePage } from "./folder/paging.ts"
import { keyOf, locate, temporary } from "./folder/paths.ts"
import { makeStaging } from "./folder/staging.ts"
import { removeTree, walk } from "./folder/walk.ts"

export interface FolderOptions {
  /** Made if it is not there. Its file system must have hard links, which is how a name is taken by one writer only. */
  readonly root: string
  /** Age from which an unfinished write of another process counts as abandoned; one hour. */
  readonly staleAfter?: Duration.Input
}

/**
 * Blobs as files of one folder on this machine: a key is a path. A file appears under its name when it is whole and on the disk, and is
 * never changed afterwards. Fails at start if the folder cannot be used.
 */
export const layer = (options: FolderOptions): Layer.Layer<BlobStore, BlobStoreError> =>
  Layer.effect(
    BlobStore,
    Effect.gen(function*() {
      const root = yield* attempt("open", async () => {
        const path = resolve(options.root)
        await makeDirectory(path)
        const real = await realpath(path)
        await proveUsable(real)
        return real
      })
      yield* Effect.forkScoped(sweep(root, Duration.fromInputUnsafe(options.staleAfter ?? "1 hour")))
      const staging = makeStaging(root)
      return BlobStore.of({
        ...makeBlobs(root),
        ...staging,
        removePrefix: makeRemovePrefix(root, staging.evict),
        page: makePage(root),
        direct: Option.none()
      })
    })
  )

/** Says at start, not in the middle of an upload, that names cannot be linked or nothing can be written. */
const proveUsable = async (root: string): Promise<void> => {
  const probe = temporary(join(root, "probe"))
  await (await openToWrite(probe, "new")).close()
  try {
    await linkDurably(probe, `${probe}-linked`)
    await unlinkIfThere(`${probe}-linked`)
  } finally {
    await unlinkIfThere(probe)
  }
}

/** Removes what writers that died have left. In the background, one file at a time: nobody waits for it. */
const sweep = (root: string, staleAfter: Duration.Duration): Effect.Effect<void> =>
  Effect.gen(function*() {
    const oldest = (yield* Clock.currentTimeMillis) - Duration.toMillis(staleAfter)
    yield* Stream.fromAsyncIterable(walk(root), (cause) => storeError("sweep", cause)).pipe(
      Stream.filter((found) => found.role === "temp"),
      Stream.runForEach(({ path }) =>
        attempt("sweep", async () => {
          if ((await lstat(path)).mtimeMs <= oldest) await unlinkIfThere(path)
        }).pipe(Effect.ignore)
      )
    )
  }).pipe(Effect.catch((error) => Effect.logWarning("Abandoned files could not be swept", error)))

const makeBlobs = (root: string) => {
  const put = Effect.fn("BlobStore.put")(
    function*<E, R>(key: BlobKey, bytes: Stream.Stream<Uint8Array, E, R>) {
      const { blob } = yield* locate(root, key)
      if ((yield* attempt("put", () => factsOf(blob))) !== null) return yield* new BlobExists({ key })
      const hash = createHash("sha256")
      const path = temporary(blob)
      return yield* Effect.acquireUseRelease(
        complete("put", () => openInDirectory(path, "new")),
        Effect.fnUntraced(function*(handle) {
          let size = 0
          yield* Stream.runForEach(bytes, (chunk) =>
            complete("put", async () => {
              await writeAll(handle, chunk, size)
              hash.update(chunk)
              size += chunk.length
            }))
          const isFirst = yield* complete("put", async () => {
            await handle.sync()
            return await linkDurably(path, blob)
          })
          if (!isFirst) return yield* new BlobExists({ key })
          return { size, sha256: Sha256.make(hash.digest("hex")) } satisfies BlobInfo
        }),
        (handle) =>
          complete("put", async () => {
            await handle.close()
            await unlinkIfThere(path)
          }).pipe(Effect.ignore)
      )
    }
  )

  /** Path and size of a blob that must be there. */
  const found = Effect.fnUntraced(function*(operation: string, key: BlobKey) {
    const { blob } = yield* locate(root, key)
    const facts = yield* attempt(operation, () => factsOf(blob))
    if (facts === null) return yield* new BlobNotFound({ key })
    return { path: blob, size: facts.size }
  })

  const get = (key: BlobKey, range: { readonly start: number; readonly end?: number } = { start: 0 }) =>
    Stream.unwrap(Effect.gen(function*() {
      const { path, size } = yield* found("get", key)
      const handle = yield* Effect.acquireRelease(
        complete("get", () => openToRead(path)).pipe(
          Effect.mapError((error) => codeOf(error.cause) === "ENOENT" ? new BlobNotFound({ key }) : error)
        ),
        (handle) => Effect.ignore(complete("get", () => handle.close()))
      )
      const end = Math.min(range.end ?? size, size)
      return Stream.paginate(Math.max(0, range.start), (at) =>
        attempt("get", async () => {
          if (at >= end) return [[], Option.none<number>()] as const
          const buffer = new Uint8Array(Math.min(readSize, end - at))
          const { bytesRead } = await handle.read(buffer, 0, buffer.length, at)
          if (bytesRead === 0) throw new Error(`the blob ends at ${at}, before ${end}`)
          return [[buffer.subarray(0, bytesRead)], Option.some(at + bytesRead)] as const
        }))
    }))

  const size = Effect.fn("BlobStore.size")(function*(key: BlobKey) {
    const { blob } = yield* locate(root, key)
    const facts = yield* attempt("size", () => factsOf(blob))
    return Option.map(Option.fromNullishOr(facts), (facts) => facts.size)
  })

  const localFile = Effect.fn("BlobStore.localFile")(function*(key: BlobKey) {
    return (yield* found("localFile", key)).path
  })

  const list = (prefix: BlobKey) =>
    Stream.unwrap(
      Effect.map(locate(root, prefix), ({ blob }) =>
        Stream.fromAsyncIterable(walk(blob), (cause) =>
          storeError("list", cause)).pipe(
            Stream.map(({ isFile, path, role }) => isFile && role === "blob" ? keyOf(root, path) : null),
            Stream.filter((key) => key !== null)
          ))
    )

  return { put, get, size, localFile, list }
}

const makeRemovePrefix = (root: string, evict: (concerns: (key: BlobKey) => boolean) => Effect.Effect<void>) =>
  Effect.fn("BlobStore.removePrefix")(function*(prefix: BlobKey) {
    const { blob } = yield* locate(root, prefix)
    yield* evict((key) => key === prefix || key.startsWith(`${prefix}/`))
    return yield* attempt("removePrefix", (signal) => removeTree(blob, signal))
  })
