import { assert, it } from "@effect/vitest"
import { layer as jailLayer } from "@sheaf/worker/parsing/jail/layer"
import { ParserJail } from "@sheaf/worker/parsing/jail/ParserJail"
import { Clock, Effect, Stream } from "effect"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { temporaryFolder } from "../support/temporaryFolder.ts"
import { type Case, cases, type Ending, over } from "./cases.ts"
import { listener } from "./listener.ts"
import * as Texts from "./texts.ts"

/** Milliseconds that one file may take, of the processor and on the clock of a busy machine. */
const cpuTimeMs = 8_000
const wallTimeMs = 25_000

const endingOf = Effect.fnUntraced(function*(path: string, name: string) {
  const jail = yield* ParserJail
  let elements = 0
  const parse = Effect.gen(function*() {
    const { pages } = yield* jail.inspect({ path, name })
    const all = jail.parse({ path, name }, null)
    yield* Stream.runForEach(all, () => Effect.sync(() => void elements++))
    return pages
  })
  return yield* parse.pipe(
    Effect.map((pages): Ending => elements > 0 ? "read" : pages > 0 ? "NoText" : "Empty"),
    Effect.catchTag("ParseRejected", ({ cause }) => Effect.succeed<Ending>(cause._tag))
  )
})

it.live(
  "files that mean no good end as something known, in their time, and nobody is asked for anything",
  () =>
    Effect.gen(function*() {
      const folder = yield* temporaryFolder("hostile")
      const { asked, url } = yield* listener
      const jail = jailLayer({
        processes: 2,
        wallTimeMs,
        cpuTimeMs,
        maxMemoryBytes: 512 << 20,
        maxOutputBytes: 64 << 20,
        inputFolders: [folder]
      })
      /** Whoever asks after this process meanwhile is answered. */
      let slowest = 0
      const probe = Effect.gen(function*() {
        const before = yield* Clock.currentTimeMillis
        yield* Effect.promise(() => fetch(`${url}/health`).then((answer) => answer.text()))
        slowest = Math.max(slowest, (yield* Clock.currentTimeMillis) - before)
        yield* Effect.sleep(100)
      })
      const line: Case = { what: "a line of 200 MB", name: "a.txt", make: () => "", ends: ["read", ...over] }
      yield* Effect.promise(() => Texts.writeLine(join(folder, "line"), 200))
      const run = Effect.forEach([line, ...cases(url)], (one, at) =>
        Effect.gen(function*() {
          const path = one === line ? join(folder, "line") : join(folder, String(at))
          if (one !== line) yield* Effect.promise(async () => writeFile(path, await one.make()))
          const before = yield* Clock.currentTimeMillis
          const ending = yield* endingOf(path, one.name)
          return { ...one, ending, elapsedMs: (yield* Clock.currentTimeMillis) - before }
        }), { concurrency: 2 })
      const ended = yield* Effect.raceFirst(run, Effect.forever(probe)).pipe(Effect.provide(jail))
      for (const { elapsedMs, ending, ends, what } of ended) {
        assert.include(ends, ending, what)
        assert.isBelow(elapsedMs, 2 * wallTimeMs + 5_000, what)
      }
      assert.deepStrictEqual(asked.filter((path) => path !== "/health"), [])
      assert.isBelow(slowest, 5_000)
    }).pipe(Effect.scoped),
  240_000
)
