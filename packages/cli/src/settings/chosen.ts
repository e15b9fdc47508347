import * as Settings from "@sheaf/adapters/settings"
import { Effect, Option } from "effect"
import * as Path from "node:path"
import { Output } from "../terminal/Output.ts"
import { Home } from "./globals.ts"

/** The settings of the environment, with what the command line says in their place; what looks odd is said. */
export const chosenWith = Effect.fnUntraced(function*(given: Settings.Given) {
  const { settings, warnings } = yield* read(given)
  const output = yield* Output
  yield* Effect.forEach(warnings, (warning) => output.note(`${output.noteStyle.yellow("warning:")} ${warning}`))
  return settings
})

export const chosen = Effect.suspend(() => chosenWith({}))

/** The settings with where they come from. */
export const read = Effect.fnUntraced(function*(given: Settings.Given = {}) {
  const home = yield* Home
  return yield* Settings.read({ ...given, ...(Option.isSome(home) && { home: home.value }) })
})

/** A path as people type it: relative where it lies below. */
export const shown = (path: string): string => {
  const relative = Path.relative(process.cwd(), path)
  return relative === "" || relative.startsWith("..") || Path.isAbsolute(relative) ? path : `./${relative}`
}
