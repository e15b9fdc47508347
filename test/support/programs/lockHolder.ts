import { NodeRuntime } from "@effect/platform-node"
import * as FolderLock from "@sheaf/adapters/sql/FolderLock"
import { Effect } from "effect"
import { writeSync } from "node:fs"

// `lockHolder.ts HOME [URL]`: holds the folder until it is ended; says `held` or the tag of the failure.
const [home = "", url] = process.argv.slice(2)

const say = (line: string) => Effect.sync(() => writeSync(1, `${line}\n`))

const program = Effect.gen(function*() {
  yield* FolderLock.acquire(home)
  if (url !== undefined) yield* FolderLock.announce(home, { url })
  yield* say("held")
  return yield* Effect.never
}).pipe(
  Effect.scoped,
  Effect.catch((error) => say(error._tag))
)

NodeRuntime.runMain(program)
