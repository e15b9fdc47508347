import { Sha256 } from "@sheaf/domain/ids"
import { Effect, Option, Stream } from "effect"
import { createHash } from "node:crypto"
import { type BlobInfo, type BlobKey, BlobNotFound, type BlobStoreError } from "../BlobStore.ts"
import { AzureAnswer, statusIn } from "./requests.ts"
import { scratchFile } from "../scratch.ts"
import { checked, headOf, isAbsent, type Store } from "./Store.ts"

interface Part {
  readonly bytes: Uint8Array
  /** Of the whole blob; undefined where the service did not say, because the range lies beyond the end. */
  readonly total: number | undefined
  readonly etag: string | undefined
}

interface Place {
  readonly at: number
  readonly end: number | undefined
  /** Set from the first answer on: a blob that is replaced while it is read is noticed. */
  readonly etag: string | undefined
}

const totalIn = (contentRange: string | undefined): number | undefined => {
  const total = contentRange?.split("/")[1]
  return total === undefined ? undefined : Number(total)
}

/** One request for one range, held whole: so it can be repeated, and has a time limit. */
const part = ({ container, requests }: Store, operation: string, name: string, place: Place, length: number) =>
  requests.send(operation, async (abortSignal): Promise<Part> => {
    const answer = await container.getBlobClient(name).download(place.at, length, {
      abortSignal,
      maxRetryRequests: 0,
      conditions: place.etag === undefined ? {} : { ifMatch: place.etag }
    })
    const { contentLength = 0, contentRange, etag, readableStreamBody: body } = answer
    // Azure refuses a range beyond the end; its emulator answers one of no length.
    if (contentLength <= 0 || body === undefined) return { bytes: new Uint8Array(), total: undefined, etag }
    const bytes = new Uint8Array(contentLength)
    let filled = 0
    for await (const chunk of body) {
      const piece = chunk as Buffer
      if (filled + piece.length > contentLength) throw new AzureAnswer(null, "TOO_MANY_BYTES")
      bytes.set(piece, filled)
      filled += piece.length
    }
    if (filled < contentLength) throw new AzureAnswer(null, "ECONNRESET")
    return { bytes, total: totalIn(contentRange), etag }
  }).pipe(
    Effect.catchIf(
      (error) => statusIn(error) === 416,
      () => Effect.succeed<Part>({ bytes: new Uint8Array(), total: undefined, etag: undefined })
    )
  )

/** The bytes of whatever has this name, in pieces of one request each. `etag`: of exactly that state of it. */
export const bytesOf = (
  store: Store,
  operation: string,
  name: string,
  range: { readonly start: number; readonly end?: number; readonly etag?: string } = { start: 0 }
): Stream.Stream<Uint8Array, BlobStoreError> =>
  Stream.paginate<Place, Uint8Array, BlobStoreError>(
    { at: Math.max(0, range.start), end: range.end, etag: range.etag },
    Effect.fnUntraced(function*(place) {
      const { at, end } = place
      if (end !== undefined && at >= end) return [[], Option.none()] as const
      const wanted = Math.min(store.blockBytes, end === undefined ? Infinity : end - at)
      const { bytes, etag = place.etag, total } = yield* part(store, operation, name, place, wanted)
      const next = at + bytes.length
      const isLast = bytes.length === 0 || next >= Math.min(total ?? next, end ?? Infinity)
      return [
        bytes.length === 0 ? [] : [bytes],
        isLast ? Option.none<Place>() : Option.some<Place>({ at: next, end, etag })
      ] as const
    })
  )

const hashKey = "sha256"

/** What is kept with a blob: who wrote it, and the hash of its bytes. */
export const metadataOf = (sha256: Sha256, writer: string) => ({ [hashKey]: sha256, writer })

/** Size and hash of a whole blob; the hash was kept with it, and is taken again where somebody else put the blob there. */
export const infoOf = Effect.fnUntraced(
  function*(store: Store, operation: string, name: string): Effect.fn.Return<Option.Option<BlobInfo>, BlobStoreError> {
    const head = yield* headOf(store, operation, name)
    if (Option.isNone(head)) return Option.none()
    const { etag, metadata, size } = head.value
    const kept = metadata[hashKey]
    if (kept !== undefined) return Option.some({ size, sha256: Sha256.make(kept) })
    const hash = createHash("sha256")
    yield* Stream.runForEach(
      bytesOf(store, operation, name, { start: 0, end: size, ...(etag !== undefined && { etag }) }),
      (bytes) => Effect.sync(() => hash.update(bytes))
    )
    return Option.some({ size, sha256: Sha256.make(hash.digest("hex")) })
  }
)

/** Reading of whole blobs. */
export const makeReading = (store: Store) => {
  const size = Effect.fn("BlobStore.size")(function*(key: BlobKey) {
    yield* checked("size", key)
    return Option.map(yield* headOf(store, "size", key), ({ size }) => size)
  })

  const get = (
    key: BlobKey,
    range: { readonly start: number; readonly end?: number } = { start: 0 }
  ): Stream.Stream<Uint8Array, BlobNotFound | BlobStoreError> => {
    const isEmpty = range.end !== undefined && range.end <= Math.max(0, range.start)
    const exists = isEmpty
      ? Effect.flatMap(size(key), (found) => Option.isSome(found) ? Effect.void : new BlobNotFound({ key }))
      : checked("get", key)
    return Stream.unwrap(Effect.as(exists, bytesOf(store, "get", key, range))).pipe(
      Stream.mapError((error) => error._tag === "BlobStoreError" && isAbsent(error) ? new BlobNotFound({ key }) : error)
    )
  }

  const localFile = Effect.fn("BlobStore.localFile")((key: BlobKey) => scratchFile(get(key)))

  return { size, get, localFile }
}
