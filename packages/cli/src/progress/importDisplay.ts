import type { ImportEvent } from "@sheaf/sdk/effect"
import { Duration, Effect } from "effect"
import { Output, Streams } from "../terminal/Output.ts"
import { chooseDisplay } from "./chooseDisplay.ts"
import { importBar } from "./importBar.ts"

const frame = Duration.millis(100)

/** Shows an import while the scope is open: a bar on a terminal, and nothing elsewhere, where the result says it all. */
export const importDisplay = Effect.gen(function*() {
  const { noteStyle: style } = yield* Output
  const { stderr } = yield* Streams
  let line = ""
  let drawn = ""
  const onProgress = (event: ImportEvent) => {
    line = importBar(event, style)
  }
  if ((yield* chooseDisplay) !== "tty") return onProgress
  const redraw = Effect.suspend(() => {
    if (line === drawn) return Effect.void
    const up = drawn === "" ? "" : "\u001b[1A\u001b[0J"
    drawn = line
    return stderr(`${up}${line === "" ? "" : `${line}\n`}`)
  })
  yield* Effect.addFinalizer(() => {
    line = ""
    return redraw
  })
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(redraw, Effect.sleep(frame))))
  return onProgress
})
