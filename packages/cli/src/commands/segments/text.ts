import { Effect, Option } from "effect"
import { Argument } from "effect/cli"
import { Misused } from "../../terminal/failures.ts"

/** More is no segment. */
const maxBytes = 1 << 20

export const text = Argument.String("text").pipe(
  Argument.withDescription("The text. Default: standard input"),
  Argument.optional
)

/** The text that was given, or else what comes in on standard input. */
export const readText = (given: Option.Option<string>) =>
  Option.match(given, {
    onSome: Effect.succeed,
    onNone: () => process.stdin.isTTY ? Effect.fail(missing) : readInput
  })

const missing = new Misused({ message: "There is no text.", hint: "Name it, or send it to standard input." })

const readInput = Effect.tryPromise({
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
      hint: "Send the text of one segment, as UTF-8."
    })
})
