import { Clock, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { Listening } from "../session/Listening.ts"
import { requireShared } from "../session/requireShared.ts"
import { chosen } from "../settings/chosen.ts"
import * as Interrupts from "../terminal/interrupts.ts"
import { Output } from "../terminal/Output.ts"
import { duration } from "../terminal/words.ts"
import { version } from "../version.ts"
import { local } from "./handled.ts"
import { defaultPort, listenFlags } from "./listenFlags.ts"

export const api = Command.make(
  "api",
  {
    ...listenFlags,
    port: Flag.Int("port").pipe(
      Flag.withAlias("p"),
      Flag.withDescription("Port; 0 for any"),
      Flag.withDefault(defaultPort)
    )
  },
  local(Effect.fnUntraced(function*({ cors, host, port }) {
    const output = yield* Output
    const settings = yield* chosen
    yield* requireShared("api", settings)
    const startedAt = yield* Clock.currentTimeMillis
    const serving = Effect.gen(function*() {
      const { drain, url } = yield* Listening
      const elapsedMs = (yield* Clock.currentTimeMillis) - startedAt
      yield* output.result({ type: "listening", url, pid: process.pid, elapsedMs }, () => url)
      yield* output.note(`Sheaf ${version}: the API listens on ${url}, started in ${duration(elapsedMs)}.`)
      yield* Interrupts.stop
      yield* output.note("stopping: requests that have begun may end")
      yield* drain
    })
    yield* serving.pipe(
      Effect.provide(Listening.layerApi({ settings, host, port, corsOrigins: cors })),
      Effect.andThen(output.note("stopped"))
    )
  }))
).pipe(
  Command.withDescription(
    `Answer requests, and leave the work to \`sheaf worker\`: any number of both may share a PostgreSQL server (DATABASE_URL).

Asked to stop (SIGTERM), it takes no new connections, lets requests end (SHEAF_DRAIN), ends streams, and exits with 0; asked twice, it
exits at once. At the start it waits for what does not answer (SHEAF_START_WAIT), and exits with 1 when that does not come, with 3 when
its settings are wrong.`
  ),
  Command.withShortDescription("Answer requests; workers do the work"),
  Command.withExamples([{ command: "sheaf api --host 0.0.0.0" }])
)
