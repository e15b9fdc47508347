import { DateTime, Effect, Option } from "effect"
import type { BlobStore, BlobStoreError } from "../BlobStore.ts"
import { checked, keyOf, mark, type Store } from "./Store.ts"

interface Item {
  readonly name: string
  /** Blocks without a blob may have none. */
  readonly modifiedAt: Date | undefined
}

/** One page of the names that begin so; `uncommitted`: with those that have only blocks and no blob yet. */
export const listing = (
  { container, requests }: Store,
  operation: string,
  prefix: string,
  options: {
    readonly pageSize: number
    readonly after?: string | undefined
    readonly uncommitted?: boolean
  }
): Effect.Effect<{ readonly items: ReadonlyArray<Item>; readonly next: string | undefined }, BlobStoreError> =>
  requests.send(operation, async (abortSignal) => {
    const pages = container.listBlobsFlat({
      prefix,
      abortSignal,
      includeUncommitedBlobs: options.uncommitted ?? false
    }).byPage({
      maxPageSize: options.pageSize,
      ...(options.after !== undefined && { continuationToken: options.after })
    })
    const { value } = await pages.next()
    const items = value?.segment.blobItems.map((
      { name, properties }: { readonly name: string; readonly properties?: { readonly lastModified?: Date } }
    ): Item => ({ name, modifiedAt: properties?.lastModified })) ?? []
    return { items, next: value?.continuationToken || undefined }
  })

/** A cursor is the service's own. What has no time counts as written just now. */
export const makePage = (store: Store): BlobStore["Service"]["page"] =>
  Effect.fn("BlobStore.page")(function*(prefix, { after, limit }) {
    yield* checked("page", prefix)
    const now = DateTime.toDateUtc(yield* DateTime.now)
    const pageSize = Math.min(limit, store.pageSize)
    const { items, next } = yield* listing(store, "page", `${prefix}/`, { pageSize, after, uncommitted: true })
    const blobs = items.flatMap(({ modifiedAt, name }) =>
      Option.toArray(keyOf(name.split(mark)[0] ?? name)).map((key) => ({
        key,
        isWhole: !name.includes(mark),
        modifiedAt: modifiedAt ?? now
      }))
    )
    return { blobs, next }
  })
