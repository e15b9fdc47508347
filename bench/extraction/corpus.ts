import { Effect, FileSystem, Path, Schema } from "effect"

const Entry = Schema.Struct({
  file: Schema.String,
  kind: Schema.String,
  format: Schema.String,
  expected: Schema.optionalKey(Schema.Array(Schema.String))
})

const Manifest = Schema.fromJsonString(Schema.Struct({ entries: Schema.Array(Entry) }))

/** A folder of files with, for some, what should be found in them: `MANIFEST.json` says which. */
export interface Corpus {
  readonly inputs: ReadonlyArray<typeof Entry.Type>
  readonly files: ReadonlyArray<string>
  readonly path: (file: string) => string
  readonly text: (file: string) => Effect.Effect<string>
}

export const loadCorpus = Effect.fn("loadCorpus")(function*(folder: string) {
  const fs = yield* FileSystem.FileSystem
  const { join } = yield* Path.Path
  const read = (file: string) => Effect.orDie(fs.readFileString(join(folder, file)))
  const { entries } = yield* Effect.flatMap(read("MANIFEST.json"), Schema.decodeEffect(Manifest))
  const corpus: Corpus = {
    inputs: entries.filter(({ kind }) => kind === "input"),
    files: entries.map(({ file }) => file),
    path: (file) => join(folder, file),
    text: read
  }
  return corpus
})
