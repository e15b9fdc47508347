import type { Element } from "@sheaf/domain/documents/Element"
import { htmlBlocks, pageBlocks } from "@sheaf/worker/parsing/html/htmlParser"
import { Effect, Schema } from "effect"
import { readFile } from "node:fs/promises"
import { gunzipSync } from "node:zlib"
import { compare, tokens } from "./counts.ts"
import type { Corpus } from "./corpus.ts"
import { type Finding, ratio } from "./Part.ts"

/** What scrapinghub's article extraction benchmark says of its pages, by their names. */
const Truth = Schema.fromJsonString(Schema.Record(Schema.String, Schema.Struct({ articleBody: Schema.String })))

interface Page {
  readonly set: string
  readonly html: string
  readonly wanted: string
}

/**
 * Main content of web pages against what people took for it, word by word: the article bodies of a benchmark, and what Mozilla's
 * Readability gives for its own pages. Titles and what pictures say are in neither, and are not judged.
 */
export const web = Effect.fn("extraction.web")(function*(corpus: Corpus) {
  const sums = new Map<string, { pages: number; recall: number; precision: number; f1: number }>()
  for (const { html, set, wanted } of yield* pagesOf(corpus)) {
    const { precision, recall } = compare(tokens(wordsOf(htmlBlocks(html))), tokens(wanted))
    const sum = sums.get(set) ?? { pages: 0, recall: 0, precision: 0, f1: 0 }
    sum.pages++
    sum.recall += recall
    sum.precision += precision
    sum.f1 += 2 * precision * recall / Math.max(1e-9, precision + recall)
    sums.set(set, sum)
  }
  return Array.from(
    sums,
    ([set, { pages, ...sum }]) =>
      (["recall", "precision", "f1"] as const).map((name): Finding => ({
        part: "web",
        name: `${set}, words, ${name === "f1" ? "F1" : name}`,
        value: ratio(sum[name] / pages),
        note: `mean of ${pages} pages`
      }))
  ).flat()
})

const isJudged = ({ kind, level }: Element): boolean => kind !== "image" && !(kind === "title" && level === 1)

const wordsOf = (blocks: ReadonlyArray<Element>): string =>
  blocks.filter(isJudged).map(({ rows, text }) => rows?.flat().join(" ") ?? text).join("\n")

const pagesOf = Effect.fnUntraced(function*(corpus: Corpus) {
  const pages: Array<Page> = []
  for (const { expected = [], file } of corpus.inputs) {
    const truth = expected.find((name) => name.endsWith("/ground-truth.json"))
    const result = expected.find((name) => name.endsWith("/expected.html"))
    if (truth !== undefined && file.endsWith(".html.gz")) {
      const bytes = yield* Effect.promise(() => readFile(corpus.path(file)))
      const known = yield* Effect.flatMap(corpus.text(truth), Schema.decodeEffect(Truth))
      const wanted = known[/([^/]+)\.html\.gz$/.exec(file)![1]!]
      if (wanted !== undefined) {
        pages.push({ set: "articles", html: gunzipSync(bytes).toString(), wanted: wanted.articleBody })
      }
    } else if (result !== undefined) {
      const wanted = wordsOf(pageBlocks(yield* corpus.text(result)))
      pages.push({ set: "readability", html: yield* corpus.text(file), wanted })
    }
  }
  return pages
})
