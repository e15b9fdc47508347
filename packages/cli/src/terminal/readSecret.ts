import { Effect, Option, Redacted } from "effect"
import { Prompt } from "effect/cli"
import * as Fs from "node:fs"
import { Misused } from "./failures.ts"
import { readInput } from "./readInput.ts"

const readFile = (file: string, what: string) =>
  Effect.try({
    try: () => Fs.readFileSync(file, "utf8"),
    catch: (error) =>
      new Misused({
        message: `${file} cannot be read (${
          error instanceof Error && "code" in error ? String(error.code) : "failed"
        }).`,
        hint: `Name a file with nothing but the ${what} in it.`
      })
  })

/** A secret from a file, from whoever sits at the terminal, or from standard input. Never an argument: others on the machine can read those. */
export const readSecret = Effect.fnUntraced(function*(file: Option.Option<string>, about: {
  /** What it is, in a word. */
  readonly what: string
  readonly prompt: string
  readonly pattern: RegExp
  /** Where to get one, and what it looks like. */
  readonly hint: string
}) {
  const { hint, pattern, prompt, what } = about
  const text = yield* Option.isSome(file)
    ? readFile(file.value, what)
    : process.stdin.isTTY
    ? Effect.map(Prompt.run(Prompt.Password({ message: prompt })), Redacted.value)
    : readInput
  const secret = text.trim()
  if (pattern.test(secret)) return secret
  return yield* new Misused({
    message: secret === "" ? `There is no ${what}.` : `This is no ${what}: it does not look like one.`,
    hint
  })
})
