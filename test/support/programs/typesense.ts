import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { writeSync } from "node:fs"
import * as TypesenseDouble from "../typesense/TypesenseDouble.ts"

// `typesense.ts [--port N] [--data DIR] [--key KEY]`: the double as a process of its own. Prints its URL once it listens. What was written is kept
// in the folder, so that it can be killed and started again.
const command = Command.make("typesense", {
  port: Flag.Int("port").pipe(Flag.withDefault(0)),
  data: Flag.String("data").pipe(Flag.optional),
  key: Flag.String("key").pipe(Flag.withDefault("double"))
}, ({ data, key, port }) =>
  Effect.gen(function*() {
    const { url } = yield* TypesenseDouble.start({
      port,
      apiKey: key,
      ...(data._tag === "Some" && { data: data.value })
    })
    yield* Effect.sync(() => writeSync(1, `${url.href}\n`))
    return yield* Effect.never
  }).pipe(Effect.scoped))

command.pipe(Command.run({ version: "1" }), Effect.provide(NodeServices.layer), NodeRuntime.runMain)
