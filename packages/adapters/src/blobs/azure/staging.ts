import { Deferred, Effect, Fiber, Option, type Scope, Stream } from "effect"
import { type BlobInfo, type BlobKey, BlobNotFound, type BlobStoreError, StageOffsetMismatch } from "../BlobStore.ts"
import { makeSessions, type Session } from "../sessions.ts"
import { bytesOf, infoOf } from "./reading.ts"
import { codeIn, refused } from "./requests.ts"
import { makeStageEnd, type StageEnd } from "./StageEnd.ts"
import { checked, headOf, isAbsent, stageName, type Store, whenAbsent } from "./Store.ts"
import type { makeWriting } from "./writing.ts"

/**
 * Blobs in the making. The bytes are an append blob beside the blob: its length is the offset, and each piece is added on the condition
 * that it begins at the end. So the service itself decides between writers, in whatever process they are, and after a death of any
 * of them the offset is what it says. Within this process writers also know of each other.
 */
export const makeStaging = (store: Store, copy: ReturnType<typeof makeWriting>["copy"], scope: Scope.Scope) => {
  const { container, requests } = store
  const sessions = makeSessions()

  const staged = Effect.fn("BlobStore.staged")(function*(key: BlobKey) {
    yield* checked("staged", key)
    const blob = yield* headOf(store, "staged", key)
    if (Option.isSome(blob)) return blob.value.size
    return Option.match(yield* headOf(store, "staged", stageName(key)), { onNone: () => 0, onSome: ({ size }) => size })
  })

  const mismatch = (key: BlobKey) => Effect.flatMap(staged(key), (offset) => new StageOffsetMismatch({ offset }))

  /** Makes the blob in the making, if it is not there. Answers where it stands. */
  const begin = Effect.fnUntraced(function*(operation: string, key: BlobKey) {
    const blob = yield* headOf(store, operation, key)
    if (Option.isSome(blob)) return yield* new StageOffsetMismatch({ offset: blob.value.size })
    const name = stageName(key)
    const found = yield* headOf(store, operation, name)
    if (Option.isSome(found)) return found.value.size
    const conditions = { ifNoneMatch: "*" }
    const isMade = yield* requests.send(
      operation,
      (abortSignal) => container.getAppendBlobClient(name).create({ abortSignal, conditions })
    ).pipe(
      Effect.as(true),
      Effect.catchIf((error) => codeIn(error) === "BlobAlreadyExists", () => Effect.succeed(false))
    )
    if (isMade) return 0
    return Option.match(yield* headOf(store, operation, name), { onNone: () => 0, onSome: ({ size }) => size })
  })

  const stage = Effect.fn("BlobStore.stage")(
    function*<E, R>(key: BlobKey, offset: number, bytes: Stream.Stream<Uint8Array, E, R>) {
      yield* checked("stage", key)
      return yield* sessions.stage(
        key,
        offset,
        Effect.fnUntraced(function*(session) {
          const stood = yield* begin("stage", key)
          if (stood !== offset) return yield* new StageOffsetMismatch({ offset: stood })
          const end = makeStageEnd(store, key, offset)
          const isTakenOver = yield* bytes.pipe(
            Stream.runForEach((chunk) => take(session, end, chunk)),
            Effect.as(false),
            Effect.raceFirst(Effect.as(Deferred.await(session.takenOver), true)),
            // What arrived is kept, whatever ended the stream.
            Effect.onError(() => Effect.ignore(end.rescue))
          )
          yield* end.flush
          return isTakenOver ? yield* new StageOffsetMismatch({ offset: end.position() }) : end.position()
        })
      ).pipe(Effect.catchTag("NotTheEnd", () => mismatch(key)))
    }
  )

  /** Copies the staged bytes, exactly as they were looked at, into the blob. */
  const finish = Effect.fnUntraced(
    function*(key: BlobKey): Effect.fn.Return<BlobInfo, BlobNotFound | BlobStoreError> {
      const name = stageName(key)
      const staged = yield* headOf(store, "commit", name)
      const blob = yield* infoOf(store, "commit", key)
      if (Option.isNone(staged)) {
        return Option.isSome(blob) ? blob.value : yield* new BlobNotFound({ key })
      }
      const { etag, size } = staged.value
      const remove = Effect.asVoid(
        requests.send("commit", (abortSignal) => container.getBlobClient(name).delete({ abortSignal }))
      ).pipe(whenAbsent(() => undefined))
      if (Option.isSome(blob)) {
        // A death between the name and the clearing up, or another process that committed at the same time.
        const own = yield* infoOf(store, "commit", name)
        if (Option.isSome(own) && own.value.sha256 !== blob.value.sha256) {
          return yield* refused("commit", "another blob has this key")
        }
        yield* remove
        return blob.value
      }
      const bytes = bytesOf(store, "commit", name, { start: 0, end: size, ...(etag !== undefined && { etag }) })
      const info = yield* copy("commit", key, bytes)
        .pipe(Effect.catchTag("BlobExists", () => finish(key)))
      yield* remove
      return info
    },
    // Removed, or added to, while it was read: whoever asks again sees how it stands then.
    Effect.catchIf(
      (error) => error._tag === "BlobStoreError" && (isAbsent(error) || codeIn(error) === "ConditionNotMet"),
      () => Effect.fail(refused("commit", "the staged bytes changed meanwhile", true))
    )
  )

  /** Goes on to its end when the caller goes away: a large blob takes longer than a client may be willing to wait. */
  const commit = Effect.fn("BlobStore.commit")(function*(key: BlobKey) {
    yield* checked("commit", key)
    const work = yield* Effect.forkIn(sessions.commit(key, finish(key)), scope)
    return yield* Fiber.join(work)
  })

  return { stage, staged, commit, begin, evict: sessions.evict }
}

/** Takes bytes as they come. Whoever took over was let in for the place where this one stands: it must not move any more. */
const take = Effect.fnUntraced(function*(session: Session, end: StageEnd, chunk: Uint8Array) {
  for (let taken = 0; taken < chunk.length;) {
    if (Deferred.isDoneUnsafe(session.takenOver)) return yield* Effect.never
    if (end.buffer.isFull) yield* end.flush
    if (Deferred.isDoneUnsafe(session.takenOver)) return yield* Effect.never
    const more = end.buffer.add(chunk.subarray(taken))
    taken += more
    session.claimed += more
  }
})
