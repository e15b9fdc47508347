import { Sha256 } from "@sheaf/domain/ids"
import { Effect, Option, Stream } from "effect"
import { createHash, randomUUID } from "node:crypto"
import { BlobExists, type BlobInfo, type BlobKey, type BlobStoreError } from "../BlobStore.ts"
import { BlockBuffer } from "./BlockBuffer.ts"
import { metadataOf } from "./reading.ts"
import { codeIn } from "./requests.ts"
import { blockBlob, checked, headOf, type Store } from "./Store.ts"

const onlyIfNew = { ifNoneMatch: "*" } as const

/** All of one length, as the service demands; with the writer's name, so that blocks of two writers never mix. */
const blockId = (writer: string, index: number): string =>
  Buffer.from(`${writer}-${String(index).padStart(5, "0")}`).toString("base64")

/** Somebody else has the name, or the service has thrown our blocks away, which it does when somebody else takes the name. */
const conflicts = new Set(["BlobAlreadyExists", "InvalidBlockList", "InvalidBlobOrBlock", "ConditionNotMet"])

/**
 * Writes a blob in blocks, hashing as they pass, and gives it its name with the last request: before that nobody sees anything of it, and
 * the service decides who was first. One block is in memory.
 */
const write = Effect.fnUntraced(
  function*<E, R>(store: Store, operation: string, key: BlobKey, bytes: Stream.Stream<Uint8Array, E, R>) {
    const { requests } = store
    const blob = blockBlob(store, key)
    const writer = randomUUID()
    const hash = createHash("sha256")
    const buffer = new BlockBuffer(store.blockBytes)
    const ids: Array<string> = []
    let size = 0

    const stageBlock = Effect.suspend(() => {
      const id = blockId(writer, ids.length)
      const { bytes } = buffer
      return Effect.tap(
        requests.send(operation, (abortSignal) => blob.stageBlock(id, bytes, bytes.length, { abortSignal })),
        () =>
          Effect.sync(() => {
            ids.push(id)
            buffer.clear()
          })
      )
    })

    yield* Stream.runForEach(
      bytes,
      Effect.fnUntraced(function*(chunk) {
        hash.update(chunk)
        size += chunk.length
        for (let taken = 0; taken < chunk.length;) {
          if (buffer.isFull) yield* stageBlock
          taken += buffer.add(chunk.subarray(taken))
        }
      })
    )
    const sha256 = Sha256.make(hash.digest("hex"))
    const metadata = metadataOf(sha256, writer)
    if (ids.length > 0) yield* stageBlock
    const { bytes: rest } = buffer
    const name = requests.send(operation, (abortSignal) =>
      ids.length > 0
        ? blob.commitBlockList(ids, { abortSignal, conditions: onlyIfNew, metadata })
        : blob.upload(rest, rest.length, { abortSignal, conditions: onlyIfNew, metadata }))

    /** The request that we repeat may have been our own success, whose answer was lost. */
    const judge = Effect.fnUntraced(function*(error: BlobStoreError) {
      const head = yield* headOf(store, operation, key)
      if (Option.isNone(head)) return yield* error
      if (head.value.metadata["writer"] !== writer) return yield* new BlobExists({ key })
    })
    yield* Effect.catchIf(Effect.asVoid(name), (error) => conflicts.has(codeIn(error)), judge)
    return { size, sha256 } satisfies BlobInfo
  }
)

/** Writing of whole blobs. */
export const makeWriting = (store: Store) => {
  const put = Effect.fn("BlobStore.put")(
    function*<E, R>(key: BlobKey, bytes: Stream.Stream<Uint8Array, E, R>) {
      yield* checked("put", key)
      if (Option.isSome(yield* headOf(store, "put", key))) return yield* new BlobExists({ key })
      return yield* write(store, "put", key, bytes)
    }
  )

  /** The same for bytes that come from the store itself. */
  const copy = (operation: string, key: BlobKey, bytes: Stream.Stream<Uint8Array, BlobStoreError>) =>
    write(store, operation, key, bytes)

  return { put, copy }
}
