import { Effect } from "effect"
import { Misused } from "./failures.ts"

/** More is no segment, and no secret. */
const maxBytes = 1 << 20

/** All of standard input, as text. */
export const readInput = Effect.tryPromise({
  try: async () => {
    const pieces: Array<Buffer> = []
    let size = 0
    for await (const piece of process.stdin) {
      pieces.push(Buffer.from(piece))
      size += pieces.at(-1)!.length
      if (size > maxBytes) throw new Error(`it has more than ${maxBytes} bytes`)
    }
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(pieces))
  },
  catch: (error) =>
    new Misused({
      message: `Standard input cannot be used: ${error instanceof Error ? error.message : String(error)}.`,
      hint: "Send text in UTF-8, of a MiB at most."
    })
})
