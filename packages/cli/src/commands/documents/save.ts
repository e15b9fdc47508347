import { Effect, Option, Predicate } from "effect"
import * as Fs from "node:fs"
import { Writable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { Misused } from "../../terminal/failures.ts"
import { Output } from "../../terminal/Output.ts"

/** Writes what a server has answered to a file that must not exist, or to standard output. */
export const save = Effect.fnUntraced(function*(answer: Response, file: Option.Option<string>) {
  const output = yield* Output
  const target = Option.match(file, {
    onNone: () => toStandardOutput(),
    onSome: (path) => Fs.createWriteStream(path, { flags: "wx" })
  })
  yield* Effect.tryPromise({
    try: (signal) => pipeline(answer.body ?? [], target, { signal }),
    catch: (error) => {
      const isThere = Predicate.hasProperty(error, "code") && error.code === "EEXIST"
      const message = isThere
        ? `${Option.getOrElse(file, () => "The file")} is there already: nothing was written.`
        : `It could not be written: ${String(error)}`
      return new Misused({ message, hint: "Choose another file." })
    }
  })
  if (Option.isSome(file)) yield* output.note(`Written to ${file.value}.`)
})

/** Standard output as the end of a pipeline, which would otherwise close it. */
const toStandardOutput = () =>
  new Writable({
    write: (chunk, _, done) => {
      process.stdout.write(chunk, done)
    }
  })
