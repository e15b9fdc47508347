import type { BlockBlobClient, ContainerClient } from "@azure/storage-blob"
import { Effect, Option, Schema } from "effect"
import { BlobKey, type BlobStoreError } from "../BlobStore.ts"
import { refused, type Requests, statusIn } from "./requests.ts"

/** What every part of the store works with. */
export interface Store {
  readonly container: ContainerClient
  readonly requests: Requests
  /** Bytes of a block, and of one request for a range. */
  readonly blockBytes: number
  /** Names in one page of a listing. */
  readonly pageSize: number
}

/** `~` occurs in no key: names that have it are ours. */
export const mark = "~"

/** Where the bytes of a blob in the making are. */
export const stageName = (key: BlobKey): string => `${key}${mark}stage`

const isKey = Schema.is(BlobKey)

/** The key of a blob's name; none for the names that no key makes. */
export const keyOf = (name: string): Option.Option<BlobKey> => isKey(name) ? Option.some(name) : Option.none()

/** A key's form keeps it inside the container; what the compiler refuses is refused at run time too. */
export const checked = (operation: string, key: BlobKey): Effect.Effect<void, BlobStoreError> =>
  isKey(key) ? Effect.void : Effect.fail(refused(operation, "the key leads out of the container"))

export interface Head {
  readonly size: number
  readonly etag: string | undefined
  readonly metadata: Readonly<Record<string, string>>
}

/** What is there under a name: committed, or nothing. */
export const headOf = (
  { container, requests }: Store,
  operation: string,
  name: string
): Effect.Effect<Option.Option<Head>, BlobStoreError> =>
  requests.send(operation, (abortSignal) => container.getBlobClient(name).getProperties({ abortSignal })).pipe(
    Effect.map(({ contentLength, etag, metadata }) =>
      Option.some({ size: contentLength ?? 0, etag, metadata: metadata ?? {} })
    ),
    whenAbsent(() => Option.none<Head>())
  )

/** A container that is gone has no blobs either, but that is an outage and not an answer. */
export const isAbsent = (error: BlobStoreError): boolean => statusIn(error) === 404 && !error.isRetryable

export const whenAbsent =
  <B>(answer: () => B) => <A, R>(self: Effect.Effect<A, BlobStoreError, R>): Effect.Effect<A | B, BlobStoreError, R> =>
    Effect.catchIf(self, isAbsent, () => Effect.sync(answer))

export const blockBlob = ({ container }: Store, key: BlobKey): BlockBlobClient => container.getBlockBlobClient(key)
