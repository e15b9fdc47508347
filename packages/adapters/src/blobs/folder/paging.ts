import { Effect } from "effect"
import { lstat } from "node:fs/promises"
import { relative, sep } from "node:path"
import type { BlobPage, BlobStore, StoredBlob } from "../BlobStore.ts"
import { attempt, codeOf } from "./failures.ts"
import { keyOf, locate, mark } from "./paths.ts"
import { walk } from "./walk.ts"

const modifiedAt = async (path: string): Promise<Date | null> => {
  try {
    return (await lstat(path)).mtime
  } catch (cause) {
    // Removed since it was listed.
    if (codeOf(cause) === "ENOENT" || codeOf(cause) === "ENOTDIR") return null
    throw cause
  }
}

/** A cursor is the path, below the prefix, of the last file that was looked at. */
export const makePage = (root: string): BlobStore["Service"]["page"] =>
  Effect.fn("BlobStore.page")(function*(prefix, { after, limit }) {
    const { blob: directory } = yield* locate(root, prefix)
    return yield* attempt("page", async (): Promise<BlobPage> => {
      const blobs: Array<StoredBlob> = []
      for await (const found of walk(directory, after === undefined ? [] : after.split("/"))) {
        const key = keyOf(root, found.path.split(mark)[0] ?? found.path)
        const time = found.isFile && key !== null ? await modifiedAt(found.path) : null
        if (key === null || time === null) continue
        blobs.push({ key, isWhole: found.role === "blob", modifiedAt: time })
        if (blobs.length === limit) return { blobs, next: relative(directory, found.path).split(sep).join("/") }
      }
      return { blobs, next: undefined }
    })
  })
