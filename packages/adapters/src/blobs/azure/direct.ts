import { BlobSASPermissions, SASProtocol } from "@azure/storage-blob"
import { Clock, DateTime, Duration, Effect } from "effect"
import type { BlobKey, DirectAccess, DirectLink, StageOffsetMismatch } from "../BlobStore.ts"
import type { BlobStoreError } from "../BlobStore.ts"
import { refused } from "./requests.ts"
import { checked, stageName, type Store } from "./Store.ts"

export interface DirectOptions {
  /** How long a client may add bytes with one link; it then asks for another. */
  readonly uploadFor: Duration.Duration
  /** How long a download may begin after it was asked for. */
  readonly downloadFor: Duration.Duration
}

/** Largest piece that every version of the service takes. */
const maxPieceBytes = 4 * 1024 * 1024

/**
 * Links that the account's key signs, each for one blob. The one for uploads allows to add to the blob in the making, and not to read,
 * replace or remove anything: what was staged cannot change under the hand of whoever checks it.
 */
export const makeDirect = (
  store: Store,
  begin: (operation: string, key: BlobKey) => Effect.Effect<number, StageOffsetMismatch | BlobStoreError>,
  options: DirectOptions & { readonly isPlainHttp: boolean }
): DirectAccess => {
  const sign = (name: string, lasting: Duration.Duration, answer: { readonly permissions: string } & Headers) =>
    Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      const expiresAt = DateTime.toDateUtc(DateTime.makeUnsafe(now + Duration.toMillis(lasting)))
      const { permissions, ...headers } = answer
      const url = yield* Effect.tryPromise({
        try: () =>
          store.container.getBlobClient(name).generateSasUrl({
            ...headers,
            permissions: BlobSASPermissions.parse(permissions),
            expiresOn: expiresAt,
            protocol: options.isPlainHttp ? SASProtocol.HttpsAndHttp : SASProtocol.Https
          }),
        catch: () => refused("direct", "the link could not be signed")
      })
      return { url, expiresAt } satisfies DirectLink
    })

  return {
    upload: Effect.fn("BlobStore.direct.upload")(function*(key) {
      yield* checked("direct", key)
      const offset = yield* begin("direct", key)
      const link = yield* sign(stageName(key), options.uploadFor, { permissions: "a" })
      return {
        expiresAt: link.expiresAt,
        url: `${link.url}&comp=appendblock`,
        offset,
        offsetHeader: "x-ms-blob-condition-appendpos",
        maxPieceBytes
      }
    }),
    download: Effect.fn("BlobStore.direct.download")(function*(key, { contentDisposition, contentType }) {
      yield* checked("direct", key)
      return yield* sign(key, options.downloadFor, {
        permissions: "r",
        contentDisposition,
        contentType,
        cacheControl: "private, no-store"
      })
    })
  }
}

interface Headers {
  readonly contentDisposition?: string
  readonly contentType?: string
  readonly cacheControl?: string
}
