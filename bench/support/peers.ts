import { Console, Effect, FileSystem, Path } from "effect"
import { fileURLToPath } from "node:url"
import { run } from "./node.ts"

/** Installs the packages that a bench compares with, the first time; they have a folder and a lock file of their own. */
export const install = Effect.fn("peers.install")(function*(folder: "peer" | "peer-queues", what: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const cwd = fileURLToPath(new URL(`../${folder}`, import.meta.url))
  if (yield* fs.exists(path.join(cwd, "node_modules", ".package-lock.json"))) return cwd
  yield* Console.error(`installing ${what} into bench/${folder}`)
  yield* run("npm", ["ci"], { cwd })
  return cwd
})
