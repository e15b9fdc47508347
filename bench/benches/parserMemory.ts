// Claim: a parser's process takes at most 1 GiB, whatever it reads, and no more for a longer document: a manual of 2,400 pages, beyond its
// file, at most 1.15 times what one of 240 pages takes. A bomb of 1 MB takes at most 64 MB more than a process that has read a small file.
// How: jails as a worker has them, with one process each, in this process; proportional set sizes of what they have started, ten times a
// second, over all ranges of a document in turn. Long documents are short ones over and over again. Of the scan, all pages are parsed and
// a few are read: each is a request of its own.
import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { layer as jailLayer } from "@sheaf/worker/parsing/jail/layer"
import { ParserJail } from "@sheaf/worker/parsing/jail/ParserJail"
import { layer as renderLayer } from "@sheaf/worker/parsing/render/layer"
import { languageData } from "@sheaf/worker/parsing/render/ocr/languages"
import { RenderJail } from "@sheaf/worker/parsing/render/RenderJail"
import { scanPdf } from "@sheaf/worker/parsing/render/testScan"
import { rangesOf } from "@sheaf/worker/stages/parse-pages/artefact"
import { Effect, FileSystem, Stream } from "effect"
import { PDFDocument } from "pdf-lib"
import { inflating, paragraph, word } from "../../test/hostile/containers.ts"
import * as Bench from "../framework/Bench.ts"
import { textPdf } from "../inputs/pdf.ts"
import { makeText } from "../inputs/words.ts"
import { peakMemoryBelow } from "../support/memory.ts"

const mebibytes = (bytes: number) => bytes / 2 ** 20

/** The same pages over and over again. */
const repeated = async (bytes: Uint8Array, times: number): Promise<Uint8Array> => {
  const source = await PDFDocument.load(bytes)
  const long = await PDFDocument.create()
  for (let at = 0; at < times; at++) {
    for (const page of await long.copyPages(source, source.getPageIndices())) long.addPage(page)
  }
  return long.save()
}

/** Pictures of a dozen lines of words. */
const scan = (pages: number) => {
  const text = makeText(7)
  return scanPdf(Array.from({ length: pages }, () => text.paragraph(4).slice(0, 200).match(/.{1,40}/g) ?? []))
}

const limits = {
  processes: 1,
  wallTimeMs: 240_000,
  cpuTimeMs: 120_000,
  maxMemoryBytes: 1_500_000_000,
  maxOutputBytes: 512_000_000
}

/** All ranges of a file, one after the other. */
const readAll = Effect.fnUntraced(function*(path: string, name: string) {
  const jail = yield* ParserJail
  const { pages } = yield* jail.inspect({ path, name })
  yield* Effect.forEach(rangesOf(pages), (range) => Stream.runDrain(jail.parse({ path, name }, range)))
  return "read" as FailureCause["_tag"] | "read"
}, Effect.catchTag("ParseRejected", ({ cause }) => Effect.succeed(cause._tag)))

const recognised = 6

export default Bench.make({
  name: "parser-memory",
  claim: "a parser's memory is bounded, and does not grow with the document",
  minutes: 20,
  run: Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped({ prefix: "sheaf-bench-" })
    const write = Effect.fnUntraced(function*(name: string, make: () => Promise<Uint8Array> | Uint8Array) {
      yield* fs.writeFile(`${folder}/${name}`, yield* Effect.promise(async () => make()))
      return { path: `${folder}/${name}`, name, size: Number((yield* fs.stat(`${folder}/${name}`)).size) }
    })
    const manual = yield* fs.readFile(yield* textPdf(120))
    const files = {
      small: yield* write("small.docx", () => word({ document: paragraph("A few words.") })),
      bomb: yield* write("bomb.docx", () => inflating(1_000)),
      short: yield* write("short.pdf", () => repeated(manual, 2)),
      long: yield* write("long.pdf", () => repeated(manual, 20)),
      scan: yield* write("scan.pdf", async () => repeated(await scan(12), 50))
    }
    const peakOf = Effect.fnUntraced(function*({ name, path }: { readonly path: string; readonly name: string }) {
      const { bytes, value } = yield* peakMemoryBelow(process.pid, readAll(path, name)).pipe(
        Effect.provide(jailLayer({ ...limits, inputFolders: [folder] }))
      )
      return { bytes, value }
    })
    const small = yield* peakOf(files.small)
    const bomb = yield* peakOf(files.bomb)
    const short = yield* peakOf(files.short)
    const long = yield* peakOf(files.long)
    const scanned = yield* peakOf(files.scan)
    const reading = yield* Effect.gen(function*() {
      const render = yield* RenderJail
      const { name, path } = files.scan
      const pages = Array.from({ length: recognised }, (_, at) => 1 + at * 100)
      return yield* peakMemoryBelow(
        process.pid,
        Effect.forEach(pages, (page) => render.recognise({ path, name }, page))
      )
    }).pipe(Effect.provide(renderLayer({
      ...limits,
      inputFolders: [folder],
      maxPixels: 16_000_000,
      languages: languageData(["eng"]).found
    })))
    const all = [small, bomb, short, long, scanned, reading].map(({ bytes }) => bytes)
    return [
      { name: "a small document", value: mebibytes(small.bytes), unit: "MiB" },
      {
        name: "a bomb of 1 MB, above that",
        value: mebibytes(bomb.bytes - small.bytes),
        unit: "MiB",
        target: { atMost: 64 },
        note: `${bomb.value}; ${files.bomb.size} bytes`
      },
      { name: "240 pages", value: mebibytes(short.bytes), unit: "MiB", note: short.value },
      { name: "2,400 pages", value: mebibytes(long.bytes), unit: "MiB", note: long.value },
      { name: "size of the file", value: mebibytes(files.long.size), unit: "MiB" },
      {
        name: "ratio without the files",
        value: (long.bytes - files.long.size) / (short.bytes - files.short.size),
        unit: "x",
        target: { atMost: 1.15 }
      },
      { name: "600 scanned pages", value: mebibytes(scanned.bytes), unit: "MiB", note: scanned.value },
      { name: `reading ${recognised} of them`, value: mebibytes(reading.bytes), unit: "MiB" },
      { name: "most of all", value: mebibytes(Math.max(...all)), unit: "MiB", target: { atMost: 1_024 } }
    ]
  })
})
