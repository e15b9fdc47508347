import { Effect, Schema } from "effect"
import { randomUUID } from "node:crypto"
import { realpath } from "node:fs/promises"
import { dirname, relative, resolve, sep } from "node:path"
import { BlobKey, type BlobStoreError } from "../BlobStore.ts"
import { attempt, codeOf, storeError } from "./failures.ts"

/** `~` occurs in no key: file names that have it are ours. */
export const mark = "~"

/** Where the parts of one blob lie, all in one directory. */
export interface BlobPaths {
  readonly blob: string
  /** Bytes of a blob in the making. */
  readonly stage: string
  /** How many of them are safe, one fixed-width line per acknowledgement. */
  readonly ends: string
}

/** `part`: belongs to a blob in the making; `temp`: a write that nobody has finished. */
export type FileRole = "blob" | "part" | "temp"

export const temporary = (blob: string): string => `${blob}${mark}tmp-${randomUUID().slice(0, 8)}`

export const roleOf = (name: string): FileRole =>
  !name.includes(mark) ? "blob" : name.includes(`${mark}tmp-`) ? "temp" : "part"

const isKey = Schema.is(BlobKey)

/**
 * Path of a key below `root`, which must be a real, absolute path. A key's form already keeps it inside; here it is made sure of once
 * more, on the resolved path and on the directories that exist: none of them may be a symbolic link.
 */
export const locate = (root: string, key: string): Effect.Effect<BlobPaths, BlobStoreError> =>
  Effect.suspend(() => {
    const blob = resolve(root, key)
    if (!isKey(key) || !blob.startsWith(root + sep)) {
      return Effect.fail(storeError("locate", new Error("the key leads out of the folder")))
    }
    const paths = { blob, stage: `${blob}${mark}stage`, ends: `${blob}${mark}ends` }
    return Effect.as(attempt("locate", () => staysInside(dirname(blob))), paths)
  })

const staysInside = async (directory: string): Promise<void> => {
  try {
    if (await realpath(directory) !== directory) throw new Error("a symbolic link stands in the way")
  } catch (cause) {
    if (codeOf(cause) !== "ENOENT") throw cause
    // Not there yet: what matters is the part of the way that is.
    await staysInside(dirname(directory))
  }
}

/** The key of a path below `root`; `null` for a name that no key makes. */
export const keyOf = (root: string, path: string): BlobKey | null => {
  const key = relative(root, path).split(sep).join("/")
  return isKey(key) ? key : null
}
