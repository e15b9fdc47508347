import { createHash, type Hash } from "node:crypto"
import { constants } from "node:fs"
import { type FileHandle, link, lstat, mkdir, open, unlink } from "node:fs/promises"
import { dirname } from "node:path"
import { codeOf } from "./failures.ts"

/** Bytes read at once. */
export const readSize = 128 * 1024

const ownerOnly = 0o600

/** Symbolic links are refused, so that nothing planted in the folder leads out of it. */
export const openToRead = (path: string): Promise<FileHandle> => open(path, constants.O_RDONLY | constants.O_NOFOLLOW)

export const openToWrite = (path: string, how: "new" | "existing or new"): Promise<FileHandle> =>
  open(
    path,
    constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | (how === "new" ? constants.O_EXCL : 0),
    ownerOnly
  )

/** Writes all of it, however many calls that takes. */
export const writeAll = async (handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> => {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}

/** Makes the names in a directory durable; a file system that cannot do it does it by itself. */
export const syncDirectory = async (path: string): Promise<void> => {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await handle.sync()
  } catch (cause) {
    if (!["EINVAL", "ENOTSUP", "EPERM"].includes(codeOf(cause) ?? "")) throw cause
  } finally {
    await handle.close()
  }
}

/** Makes a directory and what leads to it, durably. */
export const makeDirectory = async (path: string): Promise<void> => {
  const first = await mkdir(path, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made))
}

/** Opens a file in a directory that is made for it. A purge that races with a writer may take the directory away between the two. */
export const openInDirectory = async (path: string, how: "new" | "existing or new"): Promise<FileHandle> => {
  for (let tries = 1;; tries++) {
    await makeDirectory(dirname(path))
    try {
      return await openToWrite(path, how)
    } catch (cause) {
      if (codeOf(cause) !== "ENOENT" || tries === 5) throw cause
    }
  }
}

/** Gives a finished file its name, durably. The file system decides who was first: false if the name is taken. */
export const linkDurably = async (from: string, to: string): Promise<boolean> => {
  try {
    await link(from, to)
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") return false
    throw cause
  }
  await syncDirectory(dirname(to))
  return true
}

export const unlinkIfThere = async (path: string): Promise<void> => {
  try {
    await unlink(path)
  } catch (cause) {
    if (codeOf(cause) !== "ENOENT") throw cause
  }
}

export interface FileFacts {
  readonly size: number
  readonly inode: number
}

/** Facts of a regular file, `null` if there is none of that name. */
export const factsOf = async (path: string): Promise<FileFacts | null> => {
  try {
    const stat = await lstat(path)
    return stat.isFile() ? { size: stat.size, inode: stat.ino } : null
  } catch (cause) {
    if (codeOf(cause) === "ENOENT" || codeOf(cause) === "ENOTDIR") return null
    throw cause
  }
}

/** SHA-256 state over the first `length` bytes of a file. */
export const hashFile = async (path: string, length: number, signal: AbortSignal): Promise<Hash> => {
  const hash = createHash("sha256")
  const handle = await openToRead(path)
  try {
    const buffer = new Uint8Array(readSize)
    for (let at = 0; at < length;) {
      signal.throwIfAborted()
      const { bytesRead } = await handle.read(buffer, 0, Math.min(readSize, length - at), at)
      if (bytesRead === 0) throw new Error(`the file ends at ${at}, before ${length}`)
      hash.update(buffer.subarray(0, bytesRead))
      at += bytesRead
    }
  } finally {
    await handle.close()
  }
  return hash
}
