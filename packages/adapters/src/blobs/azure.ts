import { Duration, Effect, Layer, Option } from "effect"
import { AzureBlobUnusable, type AzureCredentials, connect } from "./azure/connection.ts"
import { makeDirect } from "./azure/direct.ts"
import { makePage } from "./azure/listing.ts"
import { makeReading } from "./azure/reading.ts"
import { makeRemoval } from "./azure/removal.ts"
import { makeRequests } from "./azure/requests.ts"
import { makeStaging } from "./azure/staging.ts"
import type { Store } from "./azure/Store.ts"
import { makeWriting } from "./azure/writing.ts"
import { BlobStore } from "./BlobStore.ts"
import { sweepScratch } from "./scratch.ts"

export { AzureBlobUnusable }

export interface AzureOptions {
  /** From `AZURE_STORAGE_CONNECTION_STRING`, or from `AZURE_STORAGE_ACCOUNT` with `AZURE_STORAGE_KEY` or `AZURE_STORAGE_SAS_TOKEN`. */
  readonly credentials: AzureCredentials
  /** From `SHEAF_BLOB_CONTAINER`. Made if it is not there. It must be this installation's alone. */
  readonly container: string
  /**
   * Whether clients may be given links to single blobs, so that bytes need not pass through this process. They must be able to reach the
   * account, and pages need its CORS rules. Default: true, where the credentials can sign.
   */
  readonly direct?: boolean
  /** How long one link for an upload lasts; clients ask for another. 15 minutes. */
  readonly uploadFor?: Duration.Input
  /** How long after it was asked for a download may begin. One minute. */
  readonly downloadFor?: Duration.Input
  /** Of one request. 30 seconds. */
  readonly timeout?: Duration.Input
  /** How often a request is sent that fails for a passing reason. 4. */
  readonly attempts?: number
  /** Bytes of one block, which each upload and download holds in memory. 4 MiB, of which 50,000 make a blob. */
  readonly blockBytes?: number
  /** Names in one page of a listing. 1,000; at most 5,000. */
  readonly pageSize?: number
}

/**
 * Blobs in a container of an Azure Storage account; a key is a name. Any number of processes may share it. Connects at start, and fails
 * where the container can be neither used nor made.
 */
export const layer = (options: AzureOptions): Layer.Layer<BlobStore, AzureBlobUnusable> =>
  Layer.effect(
    BlobStore,
    Effect.gen(function*() {
      const requests = makeRequests({
        timeout: Duration.fromInputUnsafe(options.timeout ?? "30 seconds"),
        attempts: options.attempts ?? 4
      })
      const { canSign, container, isPlainHttp } = yield* connect({ ...options, requests })
      yield* Effect.forkScoped(sweepScratch)
      const store: Store = {
        container,
        requests,
        blockBytes: options.blockBytes ?? 4 * 1024 * 1024,
        pageSize: options.pageSize ?? 1_000
      }
      const { copy, put } = makeWriting(store)
      const { begin, evict, ...staging } = makeStaging(store, copy, yield* Effect.scope)
      const direct = makeDirect(store, begin, {
        isPlainHttp,
        uploadFor: Duration.fromInputUnsafe(options.uploadFor ?? "15 minutes"),
        downloadFor: Duration.fromInputUnsafe(options.downloadFor ?? "1 minute")
      })
      return BlobStore.of({
        put,
        ...staging,
        ...makeReading(store),
        ...makeRemoval(store, evict),
        page: makePage(store),
        direct: canSign && (options.direct ?? true) ? Option.some(direct) : Option.none()
      })
    })
  )
