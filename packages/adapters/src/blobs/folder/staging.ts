import { Sha256 } from "@sheaf/domain/ids"
import { Deferred, Effect, Stream } from "effect"
import { createHash, type Hash } from "node:crypto"
import { open } from "node:fs/promises"
import { type BlobInfo, type BlobKey, BlobNotFound, StageOffsetMismatch } from "../BlobStore.ts"
import { makeSessions, type Session } from "../sessions.ts"
import { attempt, complete, storeError } from "./failures.ts"
import { factsOf, hashFile, linkDurably, unlinkIfThere } from "./files.ts"
import { type BlobPaths, locate } from "./paths.ts"
import { safeEnd, StagedFile } from "./StagedFile.ts"

/** Bytes written between two acknowledgements within one call: what the death of the process can cost. */
const acknowledgeEvery = 8 * 1024 * 1024

/** Blobs in the making whose hash is carried along; an older one is read again when it is committed. */
const hashesKept = 1_024

/** Blobs in the making below `root`. One process at a time stages into a folder. */
export const makeStaging = (root: string) => {
  const sessions = makeSessions()
  const hashes = new Map<BlobKey, { readonly hash: Hash; readonly length: number }>()

  const remember = (key: BlobKey, hash: Hash, length: number) => {
    hashes.delete(key)
    hashes.set(key, { hash, length })
    for (const oldest of hashes.keys()) {
      if (hashes.size <= hashesKept) break
      hashes.delete(oldest)
    }
  }

  /** Hash state over the first `length` bytes, if it was carried along up to there. */
  const recall = (key: BlobKey, length: number): Hash | undefined => {
    const kept = hashes.get(key)
    if (kept?.length === length) return kept.hash
    return length === 0 ? createHash("sha256") : undefined
  }

  const write = Effect.fnUntraced(function*<E, R>(
    session: Session,
    file: StagedFile,
    hash: Hash | undefined,
    bytes: Stream.Stream<Uint8Array, E, R>
  ) {
    const isTakenOver = yield* bytes.pipe(
      Stream.runForEach((chunk) =>
        // Whoever took over was let in for the place where this one stands: it must not move any more.
        Deferred.isDoneUnsafe(session.takenOver) ? Effect.never : complete("stage", async () => {
          session.claimed = file.position + chunk.length
          await file.append(chunk)
          hash?.update(chunk)
          if (file.position - file.acknowledged >= acknowledgeEvery) await file.acknowledge()
        })
      ),
      Effect.as(false),
      Effect.raceFirst(Effect.as(Deferred.await(session.takenOver), true))
    )
    if (isTakenOver) return yield* new StageOffsetMismatch({ offset: file.position })
    yield* complete("stage", () => file.acknowledge())
    return file.acknowledged
  })

  const openAt = Effect.fnUntraced(function*(paths: BlobPaths, offset: number) {
    const blob = yield* attempt("stage", () => factsOf(paths.blob))
    if (blob !== null) return yield* new StageOffsetMismatch({ offset: blob.size })
    const end = (yield* attempt("stage", () => safeEnd(paths))) ?? 0
    if (end !== offset) return yield* new StageOffsetMismatch({ offset: end })
    return yield* complete("stage", () => StagedFile.open(paths))
  })

  const stage = Effect.fn("BlobStore.stage")(
    function*<E, R>(key: BlobKey, offset: number, bytes: Stream.Stream<Uint8Array, E, R>) {
      const paths = yield* locate(root, key)
      return yield* sessions.stage(key, offset, (session) =>
        Effect.acquireUseRelease(
          openAt(paths, offset),
          (file) => {
            const hash = recall(key, offset)
            hashes.delete(key)
            return write(session, file, hash, bytes).pipe(
              Effect.ensuring(
                complete("stage", () => file.acknowledge()).pipe(
                  Effect.andThen(Effect.sync(() => hash && remember(key, hash, file.position))),
                  Effect.ignore
                )
              )
            )
          },
          (file) => Effect.ignore(complete("stage", () => file.close()))
        ))
    }
  )

  const staged = Effect.fn("BlobStore.staged")(function*(key: BlobKey) {
    const paths = yield* locate(root, key)
    return yield* attempt("staged", async () => (await factsOf(paths.blob))?.size ?? (await safeEnd(paths)) ?? 0)
  })

  const digestOf = async (path: string, length: number, signal: AbortSignal) =>
    Sha256.make((await hashFile(path, length, signal)).digest("hex"))

  const existing = Effect.fnUntraced(function*(paths: BlobPaths) {
    const facts = yield* attempt("commit", () => factsOf(paths.blob))
    if (facts === null) return null
    const sha256 = yield* attempt("commit", (signal) => digestOf(paths.blob, facts.size, signal))
    return { size: facts.size, sha256 } satisfies BlobInfo
  })

  const finish = Effect.fnUntraced(function*(key: BlobKey, paths: BlobPaths) {
    const size = yield* attempt("commit", () => safeEnd(paths))
    if (size === null) {
      const blob = yield* existing(paths)
      return blob ?? (yield* new BlobNotFound({ key }))
    }
    const carried = recall(key, size)
    const sha256 = carried === undefined
      ? yield* attempt("commit", (signal) => digestOf(paths.stage, size, signal))
      : Sha256.make(carried.copy().digest("hex"))
    const isOurs = yield* complete("commit", () => nameIt(paths, size))
    if (!isOurs && (yield* existing(paths))?.sha256 !== sha256) {
      return yield* storeError("commit", new Error("another blob has this key"))
    }
    yield* complete("commit", async () => {
      await unlinkIfThere(paths.stage)
      await unlinkIfThere(paths.ends)
    })
    hashes.delete(key)
    return { size, sha256 } satisfies BlobInfo
  })

  const commit = Effect.fn("BlobStore.commit")(function*(key: BlobKey) {
    const paths = yield* locate(root, key)
    return yield* sessions.commit(key, finish(key, paths))
  })

  /** Ends all work on keys for which `concerns` holds, and forgets them. */
  const evict = (concerns: (key: BlobKey) => boolean): Effect.Effect<void> =>
    Effect.suspend(() => {
      for (const key of hashes.keys()) if (concerns(key)) hashes.delete(key)
      return sessions.evict(concerns)
    })

  return { stage, staged, commit, evict }
}

/** Cuts off what is not safe and links the rest to its name; false if another file has it. */
const nameIt = async (paths: BlobPaths, size: number): Promise<boolean> => {
  const handle = await open(paths.stage, "r+")
  try {
    await handle.truncate(size)
    await handle.sync()
  } finally {
    await handle.close()
  }
  if (await linkDurably(paths.stage, paths.blob)) return true
  // A death between the link and the end of an earlier commit leaves two names of one file.
  return (await factsOf(paths.stage))?.inode === (await factsOf(paths.blob))?.inode
}
