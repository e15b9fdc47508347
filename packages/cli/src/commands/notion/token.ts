import type { Option } from "effect"
import { Flag } from "effect/cli"
import { readSecret } from "../../terminal/readSecret.ts"

export const tokenFile = Flag.String("token-file").pipe(
  Flag.withDescription("File with the token of the integration. Default: it is asked for, or read from standard input"),
  Flag.optional
)

/** The token of an integration in Notion. */
export const readToken = (file: Option.Option<string>) =>
  readSecret(file, {
    what: "token",
    prompt: "Token of the integration in Notion",
    pattern: /^[!-~]{1,500}$/,
    hint: "Copy it in Notion: Settings, Connections, Develop or manage integrations. It begins with ntn_ or secret_."
  })
