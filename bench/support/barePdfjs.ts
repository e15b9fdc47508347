import { Effect, Schema } from "effect"
import { fileURLToPath } from "node:url"
import { runNode } from "./node.ts"

const program = fileURLToPath(new URL("../programs/barePdfjs.ts", import.meta.url))

const Results = Schema.fromJsonString(Schema.Array(Schema.Struct({ ms: Schema.Finite, characters: Schema.Int })))

/** Milliseconds that pdf.js by itself takes for the text of each file, in a process that is warm after the first, which is left out. */
export const barePdfjs = Effect.fn("barePdfjs")(function*(files: ReadonlyArray<string>) {
  const results = yield* Schema.decodeEffect(Results)(yield* runNode([program, ...files]))
  return results.slice(1).map(({ ms }) => ms)
})
