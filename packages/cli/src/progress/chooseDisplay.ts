import { Effect } from "effect"
import { progressMode } from "../settings/globals.ts"
import { Output } from "../terminal/Output.ts"
import type { DisplayMode } from "./Display.ts"

/** Rows on a terminal, lines elsewhere, nothing where JSON or silence is wanted; `SHEAF_PROGRESS` decides otherwise. */
export const chooseDisplay = Effect.gen(function*() {
  const { json, quiet } = yield* Output
  const wanted = yield* progressMode
  if (wanted === "tty" || wanted === "plain" || wanted === "none") return wanted satisfies DisplayMode
  if (json || quiet || wanted === "json") return "none"
  return process.stderr.isTTY ? "tty" : "plain"
})
