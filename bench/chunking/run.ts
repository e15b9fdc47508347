// Claim: what `general` cuts by default answers questions with less around it than pieces of a fixed size (docs/benchmarks.md).
// - five segments, found by BM25, hold .90 of the answers' characters at an intersection over union of .06; no fixed size is better at both
// - cutting to exact token limits costs at most 1.3 times what it costs to count the tokens of the text once
// - a paragraph that is put in near the front of a manual makes at most three segments new
// How: a folder with questions.json (question, corpus, spans) and corpora/NAME.md, read as plain text; files named with `--manual` are
// parsed as they would be when they are uploaded. The bundled model's tokenizer counts, in its thread.
import * as Bundled from "@sheaf/adapters/embedding/bundled"
import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import { embeddedText } from "@sheaf/adapters/text/embeddedText"
import type { ChunkingSettings } from "@sheaf/domain/datasets/Dataset"
import { parseContent } from "@sheaf/worker/parsing/testFile"
import { Effect, FileSystem, Path } from "effect"
import { type Figure, make } from "../framework/Bench.ts"
import { type Corpus, loadCorpora } from "./corpus.ts"
import { changedBy, costRatio, segmentsOf } from "./cost.ts"
import { locator } from "./locate.ts"
import { fixedPieces, type Piece, spanFigures } from "./spanFigures.ts"

export interface Options {
  readonly folder: string
  readonly manuals: ReadonlyArray<string>
}

const defaults = { method: "general" } as const

const others: ReadonlyArray<ChunkingSettings> = [
  { method: "general", softMaxTokens: 384 },
  { method: "general", softMaxTokens: 192 },
  { method: "general", overlap: 48 },
  { method: "general", unit: "characters", maxTokens: 1_024 },
  { method: "whole" }
]

const fixedSizes = [800, 1_600] as const

const named = ({ method, ...settings }: ChunkingSettings): string =>
  [method, ...Object.entries(settings).map((pair) => pair.join(" "))].join(", ")

const targets = { recall: { atLeast: 0.9 }, iou: { atLeast: 0.06 } } as const

export const chunking = ({ folder, manuals }: Options) =>
  make({
    name: "chunking",
    claim: "segments hold answers with little around them, cost little to cut, and stay when a document changes",
    minutes: 10,
    run: Effect.gen(function*() {
      const { countTokens } = yield* Embedder
      const corpora = yield* loadCorpora(folder)
      const parsed = yield* Effect.forEach(corpora, ({ name, text }) => parseContent(text, `${name}.txt`))

      const cut = Effect.fnUntraced(function*({ text }: Corpus, at: number, settings: ChunkingSettings) {
        const { locate, lostShare } = locator(text)
        const drafts = yield* segmentsOf(parsed[at]?.elements ?? [], settings, countTokens)
        const pieces = drafts.map((draft): Piece => ({ text: embeddedText(draft), spans: locate(draft.text) }))
        return { pieces, lost: lostShare() }
      })
      const judge = Effect.fnUntraced(function*(settings: ChunkingSettings) {
        const found = yield* Effect.forEach(corpora, (corpus, at) => cut(corpus, at, settings))
        const lost = Math.max(...found.map(({ lost }) => lost))
        return { ...spanFigures(corpora, found.map(({ pieces }) => pieces)), lost }
      })

      const own = yield* judge(defaults)
      const fixed = fixedSizes.map((size) => ({
        size,
        found: spanFigures(corpora, corpora.map(({ text }) => fixedPieces(text, size)))
      }))
      const compared = yield* Effect.forEach(others, (settings) =>
        Effect.map(judge(settings), (found) => ({ name: named(settings), ...found })))
      const better = fixed.filter(({ found }) =>
        found.recall >= own.recall && found.iou >= own.iou
      )

      const { cutMs, onceMs, ratio } = yield* costRatio(
        parsed.flatMap(({ elements }) => elements),
        defaults,
        countTokens
      )
      const stability = yield* Effect.forEach(manuals, (file) => changedIn(file, countTokens))
      return [
        { name: "general: span recall", value: own.recall, unit: "", target: targets.recall },
        { name: "general: span IoU", value: own.iou, unit: "", target: targets.iou },
        { name: "fixed sizes better on both", value: better.length, unit: "", target: { atMost: 0 } },
        { name: "text not found again", value: own.lost, unit: "", target: { atMost: 0.01 } },
        ...fixed.flatMap(({ found, size }) => pair(`${size} characters`, found.recall, found.iou)),
        ...compared.flatMap(({ iou, name, recall }) => pair(name, recall, iou)),
        { name: "cutting over counting once", value: ratio, unit: "x", target: { atMost: 1.3 } },
        { name: "counting once, CPU", value: onceMs, unit: "ms" },
        { name: "cutting, CPU", value: cutMs, unit: "ms" },
        ...stability
      ] satisfies ReadonlyArray<Figure>
    }).pipe(Effect.provide(Bundled.layer({ threads: 1 })))
  })

const pair = (name: string, recall: number, iou: number): ReadonlyArray<Figure> => [
  { name: `${name}: span recall`, value: recall, unit: "" },
  { name: `${name}: span IoU`, value: iou, unit: "" }
]

const changedIn = Effect.fnUntraced(function*(file: string, countTokens: Embedder["Service"]["countTokens"]) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { elements } = yield* parseContent(yield* fs.readFile(file), path.basename(file))
  const { changed, segments } = yield* changedBy(elements, defaults, countTokens)
  const figure: Figure = {
    name: `new after an insertion: ${path.basename(file)}`,
    value: changed,
    unit: "segments",
    target: { atMost: 3 },
    note: `of ${segments}`
  }
  return figure
})
