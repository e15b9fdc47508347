import type { Settings } from "@sheaf/adapters/settings"
import * as FolderLock from "@sheaf/adapters/sql/FolderLock"
import { Clock, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { credentialsFile } from "../home/credentials.ts"
import { Listening } from "../session/Listening.ts"
import { nextFreePort } from "../session/ports.ts"
import { chosen, shown } from "../settings/chosen.ts"
import { commandName, Home } from "../settings/globals.ts"
import { describeParts } from "../settings/parts.ts"
import * as Interrupts from "../terminal/interrupts.ts"
import { Output } from "../terminal/Output.ts"
import { duration } from "../terminal/words.ts"
import { version } from "../version.ts"
import { local } from "./handled.ts"
import { defaultPort, listenFlags } from "./listenFlags.ts"

export const serve = Command.make(
  "serve",
  {
    ...listenFlags,
    port: Flag.Int("port").pipe(
      Flag.withAlias("p"),
      Flag.withDescription(`Port, or the next that is free; 0 for any. Default: ${defaultPort}`),
      Flag.withDefault(defaultPort)
    )
  },
  local(Effect.fnUntraced(function*({ cors, host, port: wanted }) {
    const output = yield* Output
    const settings = yield* chosen
    const { home } = settings
    const startedAt = yield* Clock.currentTimeMillis
    const running = yield* FolderLock.holder(home)
    if (Option.isSome(running)) return yield* attached(home, running.value)

    const port = yield* nextFreePort(host, wanted)
    if (port !== wanted) yield* output.note(`Port ${wanted} is taken: using ${port}.`)
    const serving = Effect.gen(function*() {
      const { drain, url } = yield* Listening
      const elapsedMs = (yield* Clock.currentTimeMillis) - startedAt
      yield* output.value({ type: "listening", url, home, credentials: credentialsFile(home), elapsedMs })
      yield* announce(url, settings, elapsedMs)
      yield* Interrupts.stop
      yield* drain
    })
    yield* serving.pipe(
      Effect.provide(Listening.layerAllInOne({ settings, host, port, corsOrigins: cors })),
      Effect.andThen(output.note(`\nstopped, data kept in ${shown(home)}`)),
      Effect.catchTag("FolderInUse", (error) => attached(home, error))
    )
  }))
).pipe(
  Command.withDescription("Run everything in one process and keep it running"),
  Command.withExamples([
    { command: "sheaf serve" },
    { command: "sheaf serve --port 8080 --home /var/lib/sheaf" },
    { command: "sheaf serve --cors-origin https://app.example.com", description: "Let a web page call it" }
  ])
)

/** Another process serves the folder already: that is what was asked for. */
const attached = Effect.fnUntraced(function*(home: string, holder: { readonly pid?: number; readonly url?: string }) {
  const output = yield* Output
  if (holder.url === undefined) {
    return yield* new FolderLock.FolderInUse({ home, ...(holder.pid !== undefined && { pid: holder.pid }) })
  }
  yield* output.result({ type: "attached", home, ...holder }, () => holder.url!)
  yield* output.note(
    `It runs already${holder.pid === undefined ? "" : ` (process ${holder.pid})`} on ${shown(home)}: nothing to do.`
  )
})

const announce = Effect.fnUntraced(function*(url: string, settings: Settings, elapsedMs: number) {
  const { home } = settings
  // Another terminal looks where this one would without being told.
  const elsewhere = Option.isSome(yield* Home) ? ` --home ${shown(home)}` : ""
  const output = yield* Output
  const name = yield* commandName
  const { bold, cyan, dim, green } = output.noteStyle
  yield* output.text(url)
  yield* output.note(`
  ${bold(`Sheaf ${version}`)}  data ${shown(home)}  ${dim(describeParts(settings))}
  ${green("✓")} started in ${duration(elapsedMs)}   api ${cyan(url)}   key in ${shown(credentialsFile(home))}

  try, in another terminal:
    ${name} ingest ./docs${elsewhere}
    ${name} search "what you want to know"${elsewhere}
    curl -s ${url}/health/ready

  Ctrl-C stops it.`)
})
