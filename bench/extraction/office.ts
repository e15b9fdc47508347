import { Effect } from "effect"
import { compare, tokens } from "./counts.ts"
import type { Corpus } from "./corpus.ts"
import { elementsOf } from "./parsed.ts"
import { type Finding, ratio } from "./Part.ts"

/** Written by another program from the same file: it repeats merged cells and writes equations as LaTeX, we do neither. */
const isReference = (name: string): boolean => name.endsWith(".md")

const formats = new Set(["docx", "pptx", "xlsx"])

/** Words of office documents against what docling makes of them, word by word, as means over the files of a format. */
export const office = Effect.fn("extraction.office")(function*(corpus: Corpus) {
  const sums = new Map<string, { files: number; recall: number; precision: number; worst: string; least: number }>()
  for (const { expected = [], file } of corpus.inputs) {
    const format = /\.([a-z]{3})[xm]$/.exec(file)?.[1]
    const reference = expected.find(isReference)
    if (format === undefined || reference === undefined || !formats.has(`${format}x`)) continue
    const elements = yield* elementsOf(corpus.path(file))
    const found = elements.map(({ rows, text }) => rows?.flat().join(" ") ?? text).join("\n")
    const wanted = (yield* corpus.text(reference)).replace(/<!--.*?-->/gs, " ").replace(/&(?:amp|lt|gt|quot);/g, " ")
    const { precision, recall } = compare(tokens(found), tokens(wanted))
    const sum = sums.get(`${format}x`) ?? { files: 0, recall: 0, precision: 0, worst: "", least: 1 }
    sum.files++
    sum.recall += recall
    sum.precision += precision
    if (recall < sum.least) {
      sum.least = recall
      sum.worst = file
    }
    sums.set(`${format}x`, sum)
  }
  return Array.from(sums, ([format, { files, least, precision, recall, worst }]): ReadonlyArray<Finding> => [
    {
      part: "office",
      name: `${format}, words, recall`,
      value: ratio(recall / files),
      note: `mean of ${files} files; the least ${ratio(least)} in ${worst.split("/").at(-1)}`
    },
    {
      part: "office",
      name: `${format}, words, precision`,
      value: ratio(precision / files),
      note: `mean of ${files} files`
    }
  ]).flat()
})
