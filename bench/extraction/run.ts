// Claim: what parsers read is what the files say: text, order, tables (docs/benchmarks.md).
// How: a folder of real files, where a manifest names what should be found in some of them; parsed without the jail, in this process.
import { Effect } from "effect"
import { loadCorpus } from "./corpus.ts"
import { facts } from "./facts.ts"
import { office } from "./office.ts"
import type { Finding } from "./Part.ts"
import { tables } from "./tables.ts"
import { text } from "./text.ts"
import { web } from "./web.ts"

/** Each part judges something else. */
const parts = { text, facts, tables, web, office }

export type PartName = keyof typeof parts
export const partNames = Object.keys(parts) as ReadonlyArray<PartName>

export const judge = Effect.fn("extraction.judge")(
  function*({ folder, names }: { readonly folder: string; readonly names: ReadonlyArray<PartName> }) {
    const corpus = yield* loadCorpus(folder)
    return yield* Effect.forEach(names, (name) => parts[name](corpus)).pipe(Effect.map((found) => found.flat()))
  }
)

/** For people: what, how much, and how much pdftotext gives. */
export const lineOf = ({ name, note, part, pdftotext, value }: Finding): string =>
  [part.padEnd(7), name, String(value), ...(pdftotext === undefined ? [] : [`(pdftotext ${pdftotext})`]), note ?? ""]
    .join("  ").trimEnd()
