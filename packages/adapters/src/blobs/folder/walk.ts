import type { Dirent } from "node:fs"
import { lstat, readdir, rmdir } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { codeOf } from "./failures.ts"
import { syncDirectory, unlinkIfThere } from "./files.ts"
import { type FileRole, mark, roleOf } from "./paths.ts"

interface Found {
  readonly path: string
  readonly role: FileRole
  readonly isFile: boolean
}

const entriesOf = async (directory: string) => {
  try {
    return (await readdir(directory, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (cause) {
    // Removed meanwhile, or never made.
    if (codeOf(cause) === "ENOENT" || codeOf(cause) === "ENOTDIR") return []
    throw cause
  }
}

/**
 * Everything below a directory that is not itself a directory, in order of name, one directory held at a time per level. With `after`, the
 * parts of a path below it: what comes behind that path.
 */
export async function* walk(directory: string, after: ReadonlyArray<string> = []): AsyncGenerator<Found> {
  const [first, ...rest] = after
  for (const entry of await entriesOf(directory)) {
    const isPassed = first !== undefined && (entry.name < first || entry.name === first && !entry.isDirectory())
    if (isPassed) continue
    const path = join(directory, entry.name)
    if (entry.isDirectory()) yield* walk(path, entry.name === first ? rest : [])
    else yield { path, role: roleOf(entry.name), isFile: entry.isFile() }
  }
}

const isDirectory = async (path: string): Promise<boolean> => {
  try {
    return (await lstat(path)).isDirectory()
  } catch (cause) {
    if (codeOf(cause) === "ENOENT" || codeOf(cause) === "ENOTDIR") return false
    throw cause
  }
}

/**
 * Removes durably the file of that path with what belongs to it, or the directory with all below it; follows no link. Answers how many
 * blobs there were, whole or in the making.
 */
export const removeTree = async (path: string, signal: AbortSignal): Promise<number> => {
  const parent = dirname(path)
  const blobs = await isDirectory(path)
    ? await emptyAndRemove(path, signal)
    : await removeEntries(parent, (entry) => entry.name.split(mark)[0] === basename(path), signal)
  if (blobs > 0) await syncDirectory(parent)
  return blobs
}

const emptyAndRemove = async (directory: string, signal: AbortSignal): Promise<number> => {
  const blobs = await removeEntries(directory, () => true, signal)
  try {
    await rmdir(directory)
  } catch (cause) {
    // Gone, or somebody wrote a new blob meanwhile: the next purge counts that one.
    if (!["ENOENT", "ENOTDIR", "ENOTEMPTY", "EEXIST"].includes(codeOf(cause) ?? "")) throw cause
  }
  return blobs
}

const removeEntries = async (directory: string, concerns: (entry: Dirent) => boolean, signal: AbortSignal) => {
  let blobs = 0
  const named = new Set<string>()
  for (const entry of (await entriesOf(directory)).filter(concerns)) {
    signal.throwIfAborted()
    const path = join(directory, entry.name)
    if (entry.isDirectory()) {
      blobs += await emptyAndRemove(path, signal)
    } else {
      await unlinkIfThere(path)
      named.add(entry.name.split(mark)[0] ?? entry.name)
    }
  }
  return blobs + named.size
}
