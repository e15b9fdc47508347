import { Effect, Schema } from "effect"
import { fileURLToPath } from "node:url"
import { runNode } from "./node.ts"

const program = fileURLToPath(new URL("../programs/barePdfjs.ts", import.meta.url))

/** What it took somebody to read a file: milliseconds, and those of processors. */
export const Reading = Schema.Struct({ ms: Schema.Finite, cpuMs: Schema.Finite, characters: Schema.Int })
export type Reading = typeof Reading.Type

export const Readings = Schema.fromJsonString(Schema.Array(Reading))

/** pdf.js by itself, for the text of each file, in a process that is warm after the first, which is left out. */
export const barePdfjs = Effect.fn("barePdfjs")(function*(files: ReadonlyArray<string>) {
  const results = yield* Schema.decodeEffect(Readings)(yield* runNode([program, ...files]))
  return results.slice(1)
})
