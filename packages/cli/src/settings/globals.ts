import { Config, Effect } from "effect"
import { Flag, GlobalFlag } from "effect/cli"

// Flags that every command takes. A flag is stronger than any environment variable: `session/Target.ts`.

/** The server to talk to, in place of the data folder's own. */
export const Url = GlobalFlag.Setting("url")({
  flag: Flag.String("url").pipe(
    Flag.withDescription(
      "URL of a Sheaf server; SHEAF_URL. Default: what serves the data folder, or else this process"
    ),
    Flag.optional
  )
})

export const Key = GlobalFlag.Setting("key")({
  flag: Flag.Redacted("key").pipe(
    Flag.withDescription(
      "API key, shf_...; SHEAF_KEY, which other users of the machine cannot see. Default: that of the data folder"
    ),
    Flag.optional
  )
})

/** A server that somebody has logged in to. */
export const Server = GlobalFlag.Setting("server")({
  flag: Flag.String("server").pipe(
    Flag.withDescription("A server and its key by the name that `sheaf login` gave them; SHEAF_SERVER"),
    Flag.optional
  )
})

export const Home = GlobalFlag.Setting("home")({
  flag: Flag.String("home").pipe(
    Flag.withDescription("Data folder; SHEAF_HOME. Default: ./.sheaf"),
    Flag.optional
  )
})

export const Json = GlobalFlag.Setting("json")({
  flag: Flag.Boolean("json").pipe(
    Flag.withDescription("Print JSON: one value, or one a line where there are many"),
    Flag.withDefault(false)
  )
})

export const Quiet = GlobalFlag.Setting("quiet")({
  flag: Flag.Boolean("quiet").pipe(
    Flag.withAlias("q"),
    Flag.withDescription("Print nothing but results and errors"),
    Flag.withDefault(false)
  )
})

export const globals = [Url, Key, Server, Home, Json, Quiet] as const

/** How the program was called, for commands that are suggested: `npm run sheaf --` says so itself. */
export const commandName = Config.String("SHEAF_COMMAND").pipe(Config.withDefault("sheaf"))

/** Suggestions in a text name the program (`sheaf ...` between backticks): as it was called here. */
export const asCalledHere = Effect.map(
  Effect.orElseSucceed(commandName, () => "sheaf"),
  (name) => (text: string) => text.replaceAll("`sheaf ", `\`${name} `)
)

export const progressMode = Config.Literals(["auto", "tty", "plain", "json", "none"], "SHEAF_PROGRESS").pipe(
  Config.withDefault("auto" as const)
)
