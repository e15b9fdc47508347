import { Effect, FileSystem, Path, Schema } from "effect"

const Span = Schema.Struct({ start: Schema.Int, end: Schema.Int })

const Question = Schema.Struct({
  id: Schema.String,
  question: Schema.String,
  /** The text that it is asked of. */
  corpus: Schema.String,
  spans: Schema.Array(Span)
})

/** A place in a text: UTF-16 units, end exclusive. */
export type Span = typeof Span.Type

export interface Corpus {
  readonly name: string
  readonly text: string
  readonly questions: ReadonlyArray<{ readonly text: string; readonly spans: ReadonlyArray<Span> }>
}

const decode = Schema.decodeEffect(Schema.fromJsonString(Schema.Array(Question)))

/** Reads a folder with questions.json and the texts that it names, as corpora/NAME.md. */
export const loadCorpora = Effect.fn("loadCorpora")(function*(folder: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const questions = yield* Effect.flatMap(fs.readFileString(path.join(folder, "questions.json")), decode)
  return yield* Effect.forEach(
    Map.groupBy(questions, ({ corpus }) => corpus),
    ([name, asked]) =>
      Effect.map(
        fs.readFileString(path.join(folder, "corpora", `${name}.md`)),
        (text): Corpus => ({
          name,
          text,
          questions: asked.map(({ question, spans }) => ({ text: question, spans }))
        })
      )
  )
})
