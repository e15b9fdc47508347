import { Effect, Stream } from "effect"
import type { BlobKey, BlobStoreError } from "../BlobStore.ts"
import { BlockBuffer } from "./BlockBuffer.ts"
import { bytesOf } from "./reading.ts"
import { codeIn, isUncertain } from "./requests.ts"
import { isAbsent, stageName, type Store, whenAbsent } from "./Store.ts"

/** Somebody else has added bytes, or the blob in the making is gone. */
interface NotTheEnd {
  readonly _tag: "NotTheEnd"
}
const notTheEnd: NotTheEnd = { _tag: "NotTheEnd" }

export type StageEnd = ReturnType<typeof makeStageEnd>

/** The end of a blob in the making, and the bytes that are about to be added there. */
export const makeStageEnd = (store: Store, key: BlobKey, start: number) => {
  const { container, requests } = store
  const name = stageName(key)
  const buffer = new BlockBuffer(store.blockBytes)
  let position = start
  /** A piece was sent and not answered: it may be there already. */
  let isUnsure = false
  let isOver = false

  /** Whether the bytes of the buffer are what follows `position` in the service. */
  const isThere = Effect.suspend(() => {
    let at = 0
    const same = (bytes: Uint8Array) => buffer.bytes.subarray(at, at += bytes.length).equals(bytes)
    return bytesOf(store, "stage", name, { start: position, end: position + buffer.length }).pipe(
      Stream.runFold(() => true, (all, bytes) => same(bytes) && all),
      Effect.map((all) => all && at === buffer.length),
      whenAbsent(() => false)
    )
  })

  const append = Effect.suspend(() => {
    const { bytes } = buffer
    const wasUnsure = isUnsure
    isUnsure = true
    return requests.once(
      "stage",
      (abortSignal) =>
        container.getAppendBlobClient(name).appendBlock(bytes, bytes.length, {
          abortSignal,
          conditions: { appendPosition: position }
        })
    ).pipe(
      Effect.asVoid,
      Effect.catchIf(
        (error) => codeIn(error) === "AppendPositionConditionNotMet" || isAbsent(error),
        Effect.fnUntraced(function*(error) {
          if (wasUnsure && !isAbsent(error) && (yield* isThere)) return
          return yield* Effect.fail(notTheEnd)
        })
      )
    )
  })

  const settled = Effect.sync(() => {
    position += buffer.length
    buffer.clear()
    isUnsure = false
  })

  const isWorthRepeating = (error: NotTheEnd | BlobStoreError) => error._tag === "BlobStoreError" && isUncertain(error)

  /** Adds what the buffer holds. A repetition, even one by `rescue`, adds nothing twice. */
  const flush = Effect.suspend(() =>
    buffer.length === 0 ? Effect.void : requests.repeating(append, isWorthRepeating).pipe(
      Effect.tapError(() =>
        Effect.sync(() => {
          isOver = true
        })
      ),
      Effect.andThen(settled)
    )
  )

  /** The same for the end of a call that has failed already: tried once, for nobody may wait for long. */
  const rescue = Effect.suspend(() => buffer.length === 0 || isOver ? Effect.void : Effect.andThen(append, settled))

  return { buffer, flush, rescue, position: () => position }
}
