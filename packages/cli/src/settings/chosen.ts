import * as Settings from "@sheaf/adapters/settings"
import { Effect, Option } from "effect"
import * as Path from "node:path"
import { Home } from "./globals.ts"

/** The settings of the environment, with the data folder of the command line. */
export const chosen = Effect.gen(function*() {
  const settings = yield* Settings.settings
  const home = yield* Home
  return {
    ...settings,
    home: Option.match(home, { onNone: () => settings.home, onSome: (path) => Path.resolve(path) })
  }
})

/** A path as people type it: relative where it lies below. */
export const shown = (path: string): string => {
  const relative = Path.relative(process.cwd(), path)
  return relative === "" || relative.startsWith("..") || Path.isAbsolute(relative) ? path : `./${relative}`
}
