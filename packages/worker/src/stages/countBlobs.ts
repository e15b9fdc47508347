import type { BlobKey, BlobStore } from "@sheaf/adapters/blobs/BlobStore"
import { Effect } from "effect"

const page = 1_000

/** How many blobs lie below a prefix, whole or in the making. */
export const countBlobs = Effect.fn("countBlobs")(function*(blobs: BlobStore["Service"], prefix: BlobKey) {
  const keys = new Set<BlobKey>()
  let count = 0
  let after: string | undefined
  do {
    const found = yield* blobs.page(prefix, { limit: page, after })
    // One that is written meanwhile may come again, on the next page at most.
    const fresh = found.blobs.filter(({ key }) => !keys.has(key))
    count += fresh.length
    keys.clear()
    for (const { key } of found.blobs) keys.add(key)
    after = found.next
  } while (after !== undefined)
  return count
})
