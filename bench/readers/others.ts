import { cpuOf } from "@sheaf/worker/parsing/jail/usage"
import { Effect, type FileSystem, type Path, type PlatformError, Schema } from "effect"
import { timed } from "../framework/measure.ts"
import { barePdfjs as bare, type Reading, Readings } from "../support/barePdfjs.ts"
import { run, runNode } from "../support/node.ts"
import { install } from "../support/peers.ts"

/** Who reads a file too, once warm. Null where that program is not installed. */
export type Reader = (
  files: { readonly warmUp: string; readonly file: string }
) => Effect.Effect<Reading | null, PlatformError.PlatformError | Schema.SchemaError, FileSystem.FileSystem | Path.Path>

export const barePdfjs: Reader = ({ file, warmUp }) => Effect.map(bare([warmUp, file]), ([reading]) => reading ?? null)

/**
 * What two processes could reach on this machine that have nothing to do but what one does: both read the whole file at the same time, and
 * half of that counts. Where two cores are two threads of one, that is far from half the time of one.
 */
export const twoOfPdfjs: Reader = ({ file, warmUp }) =>
  Effect.all([bare([warmUp, file]), bare([warmUp, file])], { concurrency: "unbounded" }).pipe(
    Effect.map((both) => {
      const [one, other] = both.map(([reading]) => reading)
      if (one === undefined || other === undefined) return null
      return { ms: Math.max(one.ms, other.ms) / 2, cpuMs: (one.cpuMs + other.cpuMs) / 2, characters: one.characters }
    })
  )

/** One of those that `bench/peer` has. */
const ofPackage = (name: "pdf-parse" | "langchain") =>
  Effect.fnUntraced(function*({ file, warmUp }: Parameters<Reader>[0]) {
    const cwd = yield* install("peer", "LangChain.js and pdf-parse")
    const [reading] = yield* Schema.decodeEffect(Readings)(yield* runNode(["pdf.mjs", name, warmUp, file], { cwd }))
    return reading ?? null
  })

export const pdfParse: Reader = ofPackage("pdf-parse")
export const langchain: Reader = ofPackage("langchain")

/** Of poppler-utils: every word with its place, as HTML. */
export const pdftotextBoxes: Reader = ({ file }) =>
  Effect.gen(function*() {
    const before = cpuOf(process.pid)
    const { ms, value } = yield* timed(run("pdftotext", ["-bbox", file, "-"]))
    return { ms, cpuMs: cpuOf(process.pid) - before, characters: value.length }
  }).pipe(Effect.catchCause(() => Effect.succeed(null)))
