import { Clock, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { requireShared } from "../session/requireShared.ts"
import { Working } from "../session/Working.ts"
import { chosenWith } from "../settings/chosen.ts"
import * as Interrupts from "../terminal/interrupts.ts"
import { Output } from "../terminal/Output.ts"
import { duration } from "../terminal/words.ts"
import { version } from "../version.ts"
import { local } from "./handled.ts"

export const worker = Command.make(
  "worker",
  {
    healthPort: Flag.Int("health-port").pipe(
      Flag.withDescription(
        "Port for /health/live, /health/ready and /metrics, 0 for any; SHEAF_HEALTH_PORT. Default: none"
      ),
      Flag.optional
    )
  },
  local(Effect.fnUntraced(function*({ healthPort }) {
    const output = yield* Output
    const settings = yield* chosenWith(Option.isSome(healthPort) ? { healthPort: healthPort.value } : {})
    yield* requireShared("worker", settings)
    const startedAt = yield* Clock.currentTimeMillis
    const working = Effect.gen(function*() {
      const { drain, healthUrl } = yield* Working
      const elapsedMs = (yield* Clock.currentTimeMillis) - startedAt
      const health = Option.getOrNull(healthUrl)
      yield* output.result(
        { type: "working", pid: process.pid, health, elapsedMs },
        () => `working${health === null ? "" : ` ${health}`}`
      )
      yield* output.note(`Sheaf ${version}: process ${process.pid} works, started in ${duration(elapsedMs)}.`)
      yield* Interrupts.stop
      yield* output.note("stopping: work that has begun may end")
      yield* drain
    })
    yield* working.pipe(Effect.provide(Working.layer(settings)), Effect.andThen(output.note("stopped")))
  }))
).pipe(
  Command.withDescription(
    `Do the work that is owed: parse, cut, embed, index. Any number of workers may share a PostgreSQL server (DATABASE_URL).

Asked to stop (SIGTERM), it begins nothing new, gives what it works on some time (SHEAF_DRAIN), gives back the rest, and exits with 0;
asked twice, it exits at once, and others take its work over when its leases run out. At the start it waits for what does not answer
(SHEAF_START_WAIT), and exits with 1 when that does not come, with 3 when its settings are wrong.`
  ),
  Command.withShortDescription("Do the work that is owed"),
  Command.withExamples([{ command: "sheaf worker" }, { command: "sheaf worker --health-port 7421" }])
)
