import { Effect } from "effect"
import { basename } from "node:path"
import { compare, tokens } from "./counts.ts"
import type { Corpus } from "./corpus.ts"
import { elementsOf, textOf } from "./parsed.ts"
import { pdftotext } from "./pdftotext.ts"
import { type Finding, ratio } from "./Part.ts"

/** PDFs with the publisher's own text edition: how many of its words we give, and how many of ours are in it. */
export const text = Effect.fn("extraction.text")(function*(corpus: Corpus) {
  const findings: Array<Finding> = []
  for (const { expected = [], file, format } of corpus.inputs) {
    const edition = expected.find((name) => name.endsWith(".txt"))
    if (format !== "pdf" || edition === undefined || !file.startsWith("longdocs/")) continue
    const wanted = tokens(yield* corpus.text(edition))
    const ours = compare(tokens(textOf(yield* elementsOf(corpus.path(file)))), wanted)
    const theirs = yield* pdftotext(corpus.path(file))
    const beside = theirs === null ? null : compare(tokens(theirs), wanted)
    for (const name of ["recall", "precision"] as const) {
      findings.push({
        part: "text",
        name: `${basename(file)}, words, ${name}`,
        value: ratio(ours[name]),
        ...(beside !== null && { pdftotext: ratio(beside[name]) })
      })
    }
  }
  return findings
})
