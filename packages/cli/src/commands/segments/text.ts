import { Effect, Option } from "effect"
import { Argument } from "effect/cli"
import { Misused } from "../../terminal/failures.ts"
import { readInput } from "../../terminal/readInput.ts"

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
