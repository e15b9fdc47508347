// Claim: text of a PDF with a box for each element is read at least 1.4 times as fast as pdf.js alone gives its text, in one thread and
// without boxes of anything, and twice as fast as LangChain's PDFLoader (docs/benchmarks.md).
// How: the same file, wall time, in turns, every reader warm: each of its processes has read as many pages as the file has. Sheaf: `inspect`
// and all ranges through the jail, with two processes, as a worker has them, up to the elements in this process; a copy for each turn,
// because a parser keeps the file that it read last.
import { layer as jailLayer } from "@sheaf/worker/parsing/jail/layer"
import { ParserJail } from "@sheaf/worker/parsing/jail/ParserJail"
import { cpuOf } from "@sheaf/worker/parsing/jail/usage"
import { inTurns, rangesOf } from "@sheaf/worker/stages/parse-pages/artefact"
import { Effect, FileSystem, Path, Stream } from "effect"
import { type Figure, make } from "../framework/Bench.ts"
import { median, timed } from "../framework/measure.ts"
import { textPdf } from "../inputs/pdf.ts"
import type { Reading } from "../support/barePdfjs.ts"
import { barePdfjs, langchain, pdfParse, pdftotextBoxes, type Reader, twoOfPdfjs } from "./others.ts"

const limits = {
  processes: 2,
  wallTimeMs: 240_000,
  maxMemoryBytes: 1_500_000_000,
  maxOutputBytes: 512_000_000
}

/** Characters of all elements, read as the stage that parses has them read. */
const read = Effect.fnUntraced(function*(path: string) {
  const jail = yield* ParserJail
  const input = { path, name: "manual.pdf" }
  const { pages } = yield* jail.inspect(input)
  const lengths = yield* Effect.forEach(
    inTurns(rangesOf(pages)),
    (range) => Stream.runFold(jail.parse(input, range), () => 0, (sum, { text }) => sum + text.length),
    { concurrency: limits.processes }
  )
  return lengths.reduce((sum, length) => sum + length, 0)
})

const turns = 5

const others: ReadonlyArray<{ readonly name: string; readonly reader: Reader; readonly target?: Figure["target"] }> = [
  { name: "bare pdf.js", reader: barePdfjs, target: { atLeast: 1.4 } },
  { name: "pdf.js in two processes", reader: twoOfPdfjs },
  { name: "LangChain's PDFLoader", reader: langchain, target: { atLeast: 2 } },
  { name: "pdf-parse", reader: pdfParse },
  { name: "pdftotext -bbox", reader: pdftotextBoxes }
]

export const readers = ({ file }: { readonly file: string }) =>
  make({
    name: "readers",
    claim: "text and boxes of a PDF, faster than others read its text",
    minutes: 10,
    run: Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const folder = yield* fs.makeTempDirectoryScoped({ prefix: "sheaf-bench-" })
      const copyOf = Effect.fnUntraced(function*(source: string, name: string) {
        const copy = path.join(folder, `${name}.pdf`)
        yield* fs.copyFile(source, copy)
        return copy
      })
      const warmUp = yield* copyOf(file, "warm-up")
      // One half of it for each process.
      const again = yield* copyOf(file, "again")
      const other = yield* copyOf(yield* textPdf(40), "other")

      const sheaf = Effect.fnUntraced(function*(turn: number) {
        const copy = yield* copyOf(file, `turn-${turn}`)
        const before = cpuOf(process.pid)
        const { ms, value } = yield* timed(read(copy))
        return { ms, cpuMs: cpuOf(process.pid) - before, characters: value }
      })
      const found = yield* Effect.gen(function*() {
        for (const copy of [warmUp, again, other]) yield* read(copy)
        return yield* Effect.forEach(Array.from({ length: turns }, (_, turn) => turn), (turn) =>
          Effect.gen(function*() {
            const readings = new Map<string, Reading>([["Sheaf", yield* sheaf(turn)]])
            for (const { name, reader } of others) {
              const reading = yield* reader({ warmUp, file })
              if (reading !== null) readings.set(name, reading)
            }
            return readings
          }))
      }).pipe(Effect.provide(jailLayer({ ...limits, inputFolders: [folder] })))

      return ["Sheaf", ...others.map(({ name }) => name)].flatMap((name) => figuresOf(name, found))
    })
  })

const figuresOf = (name: string, found: ReadonlyArray<ReadonlyMap<string, Reading>>): ReadonlyArray<Figure> => {
  const both = found.flatMap((turn) => {
    const [own, sheaf] = [turn.get(name), turn.get("Sheaf")]
    return own === undefined || sheaf === undefined
      ? []
      : [{ own, ratio: own.ms / sheaf.ms, work: own.cpuMs / sheaf.cpuMs }]
  })
  const [first] = both
  if (first === undefined) return []
  const middle = (pick: (one: NonNullable<typeof first>) => number) => median(both.map(pick))
  const time: Figure = {
    name,
    value: middle(({ own }) => own.ms) / 1_000,
    unit: "s",
    note: `${Math.round(middle(({ own }) => own.cpuMs))} ms of processors, ${first.own.characters} characters`
  }
  if (name === "Sheaf") return [time]
  const target = others.find((other) => other.name === name)?.target
  const note = `${middle(({ work }) => work).toFixed(2)} by what processors did`
  return [time, {
    name: `speed of ${name}`,
    value: middle(({ ratio }) => ratio),
    unit: "x",
    ...(target && { target }),
    note
  }]
}
