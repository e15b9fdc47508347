import { Effect, Option, Redacted } from "effect"
import { Flag, Prompt } from "effect/cli"
import * as Fs from "node:fs"
import { Misused } from "../../terminal/failures.ts"
import { readText } from "../segments/text.ts"

export const tokenFile = Flag.String("token-file").pipe(
  Flag.withDescription("File with the token of the integration. Default: it is asked for, or read from standard input"),
  Flag.optional
)

const readFile = (file: string) =>
  Effect.try({
    try: () => Fs.readFileSync(file, "utf8"),
    catch: (error) =>
      new Misused({
        message: `${file} cannot be read (${
          error instanceof Error && "code" in error ? String(error.code) : "failed"
        }).`,
        hint: "Name a file with nothing but the token in it."
      })
  })

const prompted = Effect.map(
  Prompt.run(Prompt.Password({ message: "Token of the integration in Notion" })),
  Redacted.value
)

/** The token. Never an argument: others on the machine can read those. */
export const readToken = Effect.fnUntraced(function*(file: Option.Option<string>) {
  const text = yield* Option.isSome(file)
    ? readFile(file.value)
    : process.stdin.isTTY
    ? prompted
    : readText(Option.none())
  const token = text.trim()
  if (/^[!-~]{1,500}$/.test(token)) return token
  return yield* new Misused({
    message: token === "" ? "There is no token." : "This is no token: it has characters that no token has.",
    hint: "Copy it in Notion: Settings, Connections, Develop or manage integrations. It begins with ntn_ or secret_."
  })
})
