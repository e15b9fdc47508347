import { assert, it } from "@effect/vitest"
import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { layer as jailLayer } from "@sheaf/worker/parsing/jail/layer"
import { ParserJail } from "@sheaf/worker/parsing/jail/ParserJail"
import { drawPdf } from "@sheaf/worker/parsing/pdf/testPdf"
import { zipOfFiles } from "@sheaf/worker/parsing/zip/testZip"
import { Clock, Effect, Stream } from "effect"
import { writeFile } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { temporaryFolder } from "../support/temporaryFolder.ts"
import * as Containers from "./containers.ts"
import * as Pdfs from "./pdfs.ts"
import * as Texts from "./texts.ts"

/** Milliseconds that one file may take, of the processor and on the clock of a busy machine. */
const cpuTimeMs = 8_000
const wallTimeMs = 25_000

type Ending = "read" | FailureCause["_tag"]

interface Case {
  readonly what: string
  readonly name: string
  readonly make: () => string | Uint8Array | Promise<string | Uint8Array>
  /** How it may end. */
  readonly ends: ReadonlyArray<Ending>
}

const over: ReadonlyArray<Ending> = ["TooLarge", "Corrupt", "ParserCrashed", "ParserTimedOut"]

const cases = (url: string): ReadonlyArray<Case> => [
  { what: "a document that inflates", name: "a.docx", make: () => Containers.inflating(96), ends: over },
  { what: "a part that is larger than it says", name: "a.docx", make: Containers.lying, ends: over },
  { what: "entries on top of each other", name: "a.docx", make: () => Containers.overlapping(5_000), ends: over },
  { what: "archives in archives", name: "a.docx", make: () => Containers.nested(40), ends: ["Unsupported", "Corrupt"] },
  { what: "a gzip of gzips", name: "a.gz", make: () => Containers.gzipped(3, 64), ends: ["Unsupported"] },
  { what: "a billion laughs", name: "a.docx", make: Containers.entities, ends: ["read", ...over] },
  {
    what: "entities from outside",
    name: "a.docx",
    make: () => Containers.externalEntities(url),
    ends: ["read", ...over]
  },
  { what: "very deep XML", name: "a.docx", make: () => Containers.deepXml(100_000), ends: ["read", ...over] },
  { what: "a document with links", name: "a.docx", make: () => Containers.withLinks(url), ends: ["read"] },
  {
    what: "a document with macros",
    name: "a.docm",
    make: () =>
      Containers.word({
        document: Containers.paragraph("Words beside macros."),
        macros: true,
        more: [{ name: "word/vbaProject.bin", content: "Sub AutoOpen()" }]
      }),
    ends: ["read", "Unsupported"]
  },
  {
    what: "a page tree that goes in circles",
    name: "a.pdf",
    make: Pdfs.cyclicPages,
    ends: ["NoText", "NoPages", ...over]
  },
  { what: "tables that go in circles", name: "a.pdf", make: Pdfs.cyclicTables, ends: ["read", "NoText", ...over] },
  { what: "a page as large as the world", name: "a.pdf", make: Pdfs.giantPage, ends: ["read", "NoText", ...over] },
  { what: "a page twenty thousand times", name: "a.pdf", make: Pdfs.manyPages, ends: over },
  {
    what: "a page that inflates",
    name: "a.pdf",
    make: () => Pdfs.inflatingPage(24),
    ends: ["read", "NoText", ...over]
  },
  { what: "a million columns", name: "a.csv", make: () => Texts.wideTable(1_000_000), ends: ["read", ...over] },
  { what: "very deep HTML", name: "a.html", make: () => Texts.deepHtml(20_000), ends: ["read", ...over] },
  { what: "very deep lists", name: "a.html", make: () => Texts.deepLists(10_000), ends: ["read", ...over] },
  { what: "very deep JSON", name: "a.json", make: () => Texts.deepJson(200_000), ends: ["read", "Empty", ...over] },
  { what: "mails in mails", name: "a.eml", make: () => Texts.deepMail(2_000), ends: ["read", ...over] },
  { what: "parts in parts", name: "a.eml", make: () => Texts.deepParts(5_000), ends: ["read", "Empty", ...over] },
  { what: "a page that asks for more", name: "a.html", make: () => Texts.remotePage(url), ends: ["read"] },
  {
    what: "a drawing that asks for more",
    name: "a.svg",
    make: () => Texts.remoteDrawing(url),
    ends: ["read", "Unsupported", ...over]
  },
  { what: "a mail that asks for more", name: "a.eml", make: () => Texts.remoteMail(url), ends: ["read"] },
  {
    what: "a PDF that is an archive as well",
    name: "a.pdf",
    make: async () =>
      Buffer.concat([
        await drawPdf([({ line }) => line("Words on a page.", 100)]),
        zipOfFiles({ "a.txt": "words in an archive" })
      ]),
    ends: ["read"]
  },
  {
    what: "a picture that is a program as well",
    name: "a.gif",
    make: () => "GIF89a/*\u0001\u0000\u0001\u0000*/=alert(1)//<script>alert(1)</script>",
    ends: ["Unsupported", "read"]
  }
]

/** Counts who comes, and answers everybody. */
const listener = Effect.acquireRelease(
  Effect.promise(() => {
    const asked: Array<string> = []
    const server = createServer((request, response) => {
      asked.push(request.url ?? "")
      response.end("alive")
    })
    return new Promise<{ server: typeof server; asked: typeof asked; url: string }>((resolve) =>
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        resolve({ server, asked, url: `http://127.0.0.1:${port}` })
      })
    )
  }),
  ({ server }) => Effect.sync(() => server.close())
)

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
  120_000
)
