import * as Azure from "@sheaf/adapters/blobs/azure"
import * as Folder from "@sheaf/adapters/blobs/folder"
import { BlobKey, BlobStore, type BlobStoreError } from "@sheaf/adapters/blobs/BlobStore"
import { Config, Effect, Layer, Stream } from "effect"
import { writeSync } from "node:fs"
import { patternPieces } from "../pattern.ts"

/**
 * A process to be killed or starved: `blobWriter.ts ROOT KEY put|stage BYTES` writes a pattern, says on its standard output how far the
 * source was read, and at the end `done` or the failure. With `azure` in place of a folder the container `writer` is written to.
 */
const [root = "", key = "", how = "", bytes = "0"] = process.argv.slice(2)

const say = (line: string) => Effect.sync(() => writeSync(1, `${line}\n`))

const layer: Layer.Layer<BlobStore, BlobStoreError | Azure.AzureBlobUnusable | Config.ConfigError> = root === "azure"
  ? Layer.unwrap(Effect.map(
    Config.Redacted("AZURE_STORAGE_CONNECTION_STRING"),
    (connectionString) => Azure.layer({ credentials: { connectionString }, container: "writer" })
  ))
  : Folder.layer({ root })

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
  Effect.provide(layer)
)

await Effect.runPromise(program)
