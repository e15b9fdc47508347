import { assert, it } from "@effect/vitest"
import { DocumentFailed, Sheaf } from "@sheaf/sdk/effect"
import { Context, Effect, Layer, Queue } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Database from "../support/database/Database.ts"
import * as Program from "../support/processes/program.ts"
import { temporaryFolder } from "../support/temporaryFolder.ts"
import { cases } from "./cases.ts"
import { listener } from "./listener.ts"

/** What is refused with its first bytes is called so by the upload. */
const endingOf = (error: unknown): string =>
  error instanceof DocumentFailed
    ? error.failure._tag
    : error instanceof Error && error.name === "UnsupportedFormat"
    ? "Unsupported"
    : String(error)

it.live(
  "the whole service brings files that mean no good to a known end, is there for others meanwhile, and asks nobody",
  () =>
    Effect.gen(function*() {
      const home = yield* temporaryFolder("hostile-service")
      yield* Database.putInto(home)
      const outside = yield* listener
      const program = yield* Program.start("allInOne.ts", [home, "0"])
      const url = yield* Queue.take(program.lines)
      const key = Fs.readFileSync(Path.join(home, "credentials"), "utf8").trim()
      const sheaf = Context.get(yield* Layer.build(Sheaf.layer({ url, key })), Sheaf)
      const { id } = yield* sheaf.datasets.create({ name: "hostile" })

      const answers: Array<number> = []
      const probe = Effect.promise(() => fetch(`${url}/health/live`)).pipe(
        Effect.tap(({ status }) => Effect.sync(() => answers.push(status))),
        Effect.andThen(Effect.sleep("50 millis"))
      )
      const chosen = cases(outside.url).filter(({ quick = false }) => quick)
      const run = Effect.forEach(chosen, ({ ends, make, name, what }) =>
        Effect.gen(function*() {
          const bytes = yield* Effect.promise(async () => Buffer.from(await make()))
          const accepted = yield* sheaf.documents.ingest(bytes, { dataset: { id }, name, ifSame: "new" })
          return yield* accepted.done()
        }).pipe(
          Effect.as("read"),
          Effect.catch((error) => Effect.succeed(endingOf(error))),
          Effect.map((ending) => ({ what, ends, ending }))
        ), { concurrency: 4 })
      const ended = yield* Effect.raceFirst(run, Effect.forever(probe))

      assert.isAbove(ended.length, 10)
      for (const { ending, ends, what } of ended) assert.include([...ends, "Empty"], ending, what)
      assert.deepStrictEqual(new Set(answers), new Set([200]))
      assert.deepStrictEqual(outside.asked, [])
      const { id: documentId } = yield* sheaf.documents.ingest(Buffer.from("Still here."), {
        dataset: { id },
        name: "a.txt"
      })
        .pipe(Effect.flatMap((accepted) => accepted.done()))
      assert.isNotEmpty(documentId)
    }).pipe(Effect.scoped),
  300_000
)
