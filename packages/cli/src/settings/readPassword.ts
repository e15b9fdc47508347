import { Effect, Option } from "effect"
import { Flag } from "effect/cli"
import * as Fs from "node:fs"
import { Misused } from "../terminal/failures.ts"

/** A password on the command line would be seen by everybody on the machine. */
export const passwordFile = Flag.String("password-file").pipe(
  Flag.withDescription("File with the password of a protected PDF; `-` reads it from standard input"),
  Flag.optional
)

const most = 1_024

/** The first line of the file, as `{ password }`; nothing where no file is named. */
export const readPassword = (
  file: Option.Option<string>
): Effect.Effect<{ readonly password?: string }, Misused> => Option.isNone(file) ? Effect.succeed({}) : read(file.value)

const read = Effect.fnUntraced(function*(file: string) {
  const text = yield* Effect.try({
    try: () => Fs.readFileSync(file === "-" ? 0 : file, "utf8"),
    catch: (error) =>
      new Misused({
        message: `The password cannot be read from ${file} (${
          error instanceof Error && "code" in error ? String(error.code) : "failed"
        }).`,
        hint: "Name a file that holds it, or pass - and send it to standard input."
      })
  })
  const password = text.replace(/\r?\n[^]*$/, "")
  if (password !== "" && password.length <= most) return { password }
  return yield* new Misused({
    message: password === "" ? "The password is empty." : `The password has more than ${most} characters.`,
    hint: "It is the first line of the file."
  })
})
