import { Console, Effect, FileSystem, Path } from "effect"
import { fileURLToPath } from "node:url"

const folder = fileURLToPath(new URL("../../node_modules/.cache/sheaf-bench", import.meta.url))

/** A made file that is kept for the next time. Its name says all that it was made of, so that a change makes another one. */
export const cached = Effect.fn("cached")(function*(name: string, make: () => Promise<Uint8Array>) {
  const fs = yield* FileSystem.FileSystem
  const file = (yield* Path.Path).join(folder, name)
  if (yield* fs.exists(file)) return file
  yield* Console.error(`making ${name}`)
  yield* fs.makeDirectory(folder, { recursive: true })
  const draft = `${file}.draft`
  yield* fs.writeFile(draft, yield* Effect.promise(make))
  yield* fs.rename(draft, file)
  return file
})
