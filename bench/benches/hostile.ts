// Claim: whoever is served does not wait for files that mean no good. While bombs, circles and what is far too deep, wide or long are sent
// and worked on, `/health/live` answers at most 50 ms later (p99) than that of a server that does nothing, on the same machine at the same
// time; and every file comes to an end that is known.
// How: two servers; every 50 ms both are asked, one after the other, from this process. The files are those of the tests, and a line of
// 200 MB.
import { Clock, Effect, FileSystem } from "effect"
import { cases } from "../../test/hostile/cases.ts"
import { writeLine } from "../../test/hostile/texts.ts"
import * as Bench from "../framework/Bench.ts"
import { percentile, timed } from "../framework/measure.ts"
import * as Server from "../support/Server.ts"

/** Nobody listens there: files that ask for more get nothing. */
const nowhere = "http://127.0.0.1:9"

const live = (url: string) => timed(Effect.promise(() => fetch(`${url}/health/live`).then((answer) => answer.text())))

export default Bench.make({
  name: "hostile",
  claim: "who is served does not wait for files that mean no good",
  minutes: 15,
  run: Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const line = `${yield* fs.makeTempDirectoryScoped({ prefix: "sheaf-bench-" })}/line.txt`
    yield* Effect.promise(() => writeLine(line, 200))
    const idle = yield* Server.warm({ embedder: "instant" })
    const { dataset, sheaf, url } = yield* Server.warm({ embedder: "instant" })
    const files = [
      { what: "a line of 200 MB", name: "line.txt", source: Effect.succeed<string | Buffer>(line) },
      ...cases(nowhere).map(({ make, name, what }) => ({
        what,
        name,
        source: Effect.promise(async (): Promise<string | Buffer> => Buffer.from(await make()))
      }))
    ]
    const serving: Array<number> = []
    const control: Array<number> = []
    const probe = Effect.gen(function*() {
      control.push((yield* live(idle.url)).ms)
      serving.push((yield* live(url)).ms)
      yield* Effect.sleep("50 millis")
    })
    const begun = yield* Clock.currentTimeMillis
    const send = Effect.forEach(files, ({ name, source }) =>
      Effect.gen(function*() {
        const accepted = yield* sheaf.documents.ingest(yield* source, { dataset: { id: dataset }, name, ifSame: "new" })
        return yield* accepted.done()
      }).pipe(
        Effect.as("published"),
        // Errors of the client say by their tag what became of a file.
        Effect.catch(({ _tag }) => Effect.succeed<string>(_tag))
      ), { concurrency: 2 })
    const ends = yield* Effect.raceFirst(send, Effect.forever(probe))
    const seconds = ((yield* Clock.currentTimeMillis) - begun) / 1_000
    const unforeseen = ends.filter((end) => ["Unreachable", "TimedOut", "Internal", "InternalError"].includes(end))
    const [p99, idleP99] = [percentile(serving, 0.99), percentile(control, 0.99)]
    return [
      { name: "p99 above idle", value: p99 - idleP99, unit: "ms", target: { atMost: 50 } },
      { name: "p99 serving", value: p99, unit: "ms", note: `${serving.length} answers` },
      { name: "p99 idle", value: idleP99, unit: "ms" },
      { name: "longest serving", value: Math.max(...serving), unit: "ms" },
      { name: "longest idle", value: Math.max(...control), unit: "ms" },
      { name: "files", value: ends.length, unit: "", note: [...new Set(ends)].toSorted().join(", ") },
      { name: "files without a known end", value: unforeseen.length, unit: "", target: { atMost: 0 } },
      { name: "all of them", value: seconds, unit: "s" }
    ]
  })
})
