import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { glob, isDynamicPattern } from "tinyglobby"
import { Misused } from "../terminal/failures.ts"

/** A file to send. */
export interface FoundFile {
  readonly path: string
  /** As people see it: relative to where they stand, if it lies below. */
  readonly name: string
  readonly size: number
}

/**
 * The files that paths, folders and patterns stand for, each once, in order. Below a folder or a pattern, hidden files and
 * `node_modules` are left out; a file that is named itself is always taken.
 */
export const findFiles = Effect.fn("findFiles")(function*(inputs: ReadonlyArray<string>, cwd: string) {
  const found = new Map<string, FoundFile>()
  for (const input of inputs) {
    const path = Path.resolve(cwd, input)
    const kind = yield* Effect.promise(() => Fs.promises.stat(path).catch(() => undefined))
    const paths = kind?.isFile()
      ? [path]
      : kind?.isDirectory()
      ? yield* search("**/*", path)
      : isDynamicPattern(input)
      ? yield* search(input, cwd)
      : yield* new Misused({ message: `There is no file or folder ${input}`, hint: "Check the path." })
    for (const file of yield* Effect.forEach(paths, (path) => examine(path, cwd), { concurrency: 32 })) {
      if (file !== undefined && !found.has(file.identity)) found.set(file.identity, file)
    }
  }
  if (found.size === 0) {
    return yield* new Misused({
      message: `There are no files in ${inputs.join(" ")}`,
      hint: "Hidden files and node_modules are left out of folders; name such a file itself to send it."
    })
  }
  const order = new Intl.Collator("en", { numeric: true })
  return [...found.values()].map(({ name, path, size }): FoundFile => ({ name, path, size }))
    .sort((a, b) => order.compare(a.name, b.name))
})

const search = (pattern: string, cwd: string) =>
  Effect.tryPromise({
    try: () =>
      glob(pattern, {
        cwd,
        absolute: true,
        onlyFiles: true,
        ignore: ["**/node_modules/**"],
        followSymbolicLinks: false
      }),
    catch: (error) =>
      new Misused({ message: `${cwd} cannot be searched: ${String(error)}`, hint: "Check its permissions." })
  })

/** Pipes, sockets and what vanished meanwhile are left out. */
const examine = (path: string, cwd: string) =>
  Effect.promise(async () => {
    try {
      const [identity, about] = await Promise.all([Fs.promises.realpath(path), Fs.promises.stat(path)])
      if (!about.isFile()) return undefined
      const relative = Path.relative(cwd, path)
      return { identity, path, name: relative.startsWith("..") ? path : relative, size: about.size }
    } catch {
      return undefined
    }
  })
