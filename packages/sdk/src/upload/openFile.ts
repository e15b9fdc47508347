import { Effect, Predicate } from "effect"
import { SourceUnreadable } from "../errors/client.ts"
import type { Open } from "./Source.ts"

/** A file by its path, read piece by piece. Only where there are files: nothing of Node is imported, so browsers can load this. */
export const openFile = (path: string): Open => {
  const unreadable = (reason: string) => new SourceUnreadable({ source: path, reason })
  const node = globalThis.process as { readonly getBuiltinModule?: typeof process.getBuiltinModule } | undefined
  const fs = node?.getBuiltinModule?.("node:fs")
  if (fs === undefined) return Effect.fail(unreadable("there are no files here; pass a File, or { text } for text"))
  const attempt = <A>(run: () => Promise<A>) =>
    Effect.tryPromise({ try: run, catch: (cause) => unreadable(reasonOf(cause)) })

  return Effect.gen(function*() {
    const file = yield* Effect.acquireRelease(
      attempt(() => fs.promises.open(path, "r")),
      (file) => Effect.promise(() => file.close())
    )
    const { size } = yield* Effect.filterOrFail(
      attempt(() => file.stat()),
      (stat) => stat.isFile(),
      () => unreadable("it is not a file")
    )
    return {
      name: path.split(/[/\\]/).pop() || undefined,
      size,
      read: (offset, length) =>
        attempt(async () => {
          const wanted = Math.min(length, size - offset)
          const bytes = new Uint8Array(wanted)
          let filled = 0
          while (filled < wanted) {
            const { bytesRead } = await file.read(bytes, filled, wanted - filled, offset + filled)
            if (bytesRead === 0) throw new Error("it became shorter while it was read")
            filled += bytesRead
          }
          return { bytes, last: offset + wanted >= size }
        })
    }
  })
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "permission denied",
  EISDIR: "it is a folder"
}

const reasonOf = (cause: unknown): string => {
  const code = Predicate.hasProperty(cause, "code") ? String(cause.code) : ""
  return reasons[code] ?? (cause instanceof Error ? cause.message : String(cause))
}
