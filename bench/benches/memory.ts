// Claim: memory does not grow with the document. The peak of the whole process tree at 1,000 pages is at most 1.15 times that at
// 100 pages, plus the size of the file.
// How: a fresh server for each document; proportional set sizes of the server and its children from /proc, ten times a second. The
// embedder answers at once, to save time: the real one takes as many pieces at a time, however long the document, and has its model in
// memory here too.
import { Effect, FileSystem } from "effect"
import * as Bench from "../framework/Bench.ts"
import { textPdf } from "../inputs/pdf.ts"
import { peakMemory } from "../support/memory.ts"
import * as Server from "../support/Server.ts"

const mebibytes = (bytes: number) => bytes / 2 ** 20

const peakOf = Effect.fnUntraced(function*(file: string) {
  const { dataset, program, sheaf } = yield* Server.warm({ embedder: "instant" })
  const { bytes } = yield* peakMemory(program.pid, Server.ingest(sheaf, file, dataset))
  return bytes
}, Effect.scoped)

export default Bench.make({
  name: "memory",
  claim: "memory does not grow with the document",
  minutes: 8,
  run: Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const long = yield* textPdf(1_000)
    const size = Number((yield* fs.stat(long)).size)
    const at100 = yield* peakOf(yield* textPdf(100))
    const at1000 = yield* peakOf(long)
    return [
      { name: "peak at 100 pages", value: mebibytes(at100), unit: "MiB" },
      { name: "peak at 1,000 pages", value: mebibytes(at1000), unit: "MiB" },
      { name: "size of the file", value: mebibytes(size), unit: "MiB" },
      { name: "ratio without the file", value: (at1000 - size) / at100, unit: "x", target: { atMost: 1.15 } }
    ]
  })
})
