import { choice, secretText, text, url, variable } from "./Variable.ts"

// What a command that talks to a server looks at. Flags are stronger; the command line reads these itself.

export const clientUrl = variable(
  "SHEAF_URL",
  url(["http:", "https:"], "host:7420"),
  "The server that commands and the SDK talk to. Not set: what serves the data folder, or else the command's own process. `--url` is stronger."
)

export const clientKey = variable(
  "SHEAF_KEY",
  secretText,
  "The API key of commands and of the SDK. Not set: that of the data folder. `--key` is stronger.",
  { secret: true }
)

const server = variable(
  "SHEAF_SERVER",
  text,
  "The server that commands talk to, with its key, by the name that `sheaf login` gave it. Stronger than `SHEAF_URL`; `--server`, `--url` and `--home` are stronger."
)

const progress = variable(
  "SHEAF_PROGRESS",
  choice(["auto", "tty", "plain", "json", "none"]),
  "How commands show progress.",
  { default: "auto" }
)

const command = variable(
  "SHEAF_COMMAND",
  text,
  "How the program was called, for the commands that it suggests. Set by `npm run sheaf`.",
  {
    default: "sheaf"
  }
)

export const variables = [clientUrl, clientKey, server, progress, command]
