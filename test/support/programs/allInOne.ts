import { NodeRuntime } from "@effect/platform-node"
import { embedded } from "@sheaf/adapters/settings"
import * as AllInOne from "@sheaf/cli/session/allInOne"
import { Listening } from "@sheaf/cli/session/Listening"
import { Effect, Layer } from "effect"
import { writeSync } from "node:fs"
import { flushCompileCache } from "node:module"

// `allInOne.ts HOME PORT`: the embedded profile as `sheaf serve` runs it; says the URL once it is ready.
const [home = "", port = "0"] = process.argv.slice(2)

const ready = Layer.effectDiscard(Effect.gen(function*() {
  const { url } = yield* Listening
  writeSync(1, `${url}\n`)
  // At its end there may be no time for it: most of its lives end by `kill -9`.
  flushCompileCache()
}))

NodeRuntime.runMain(Layer.launch(ready.pipe(Layer.provide(AllInOne.layer({
  settings: embedded(home),
  host: "127.0.0.1",
  port: Number(port),
  corsOrigins: []
})))))
