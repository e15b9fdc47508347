import * as Folder from "@sheaf/adapters/blobs/folder"
import { BlobKey, BlobStore } from "@sheaf/adapters/blobs/BlobStore"
import { Effect, Stream } from "effect"
import { writeSync } from "node:fs"
import { patternPieces } from "./pattern.ts"

/**
 * A process to be killed or starved: `blobWriter.ts ROOT KEY put|stage BYTES` writes a pattern, says on its standard output how far the
 * source was read, and at the end `done` or the failure.
 */
const [root = "", key = "", how = "", bytes = "0"] = process.argv.slice(2)

const say = (line: string) => Effect.sync(() => writeSync(1, `${line}\n`))

const program = Effect.gen(function*() {
  const store = yield* BlobStore
  const blob = BlobKey.make(key)
  const begin = how === "stage" ? yield* store.staged(blob) : 0
  let read = begin
  const source = Stream.fromIterable(patternPieces(begin, Number(bytes))).pipe(
    Stream.rechunk(1),
    Stream.tap((piece) => say(String(read += piece.length)))
  )
  yield* how === "stage" ? store.stage(blob, begin, source) : store.put(blob, source)
  yield* say("done")
}).pipe(
  Effect.catchTag("BlobStoreError", (error) => say(`failed ${error.operation} retryable=${error.isRetryable}`)),
  Effect.provide(Folder.layer({ root }))
)

await Effect.runPromise(program)
