import type { ChunkingSettings } from "@sheaf/domain/datasets/Dataset"
import type { Element } from "@sheaf/domain/documents/Element"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema, Stream } from "effect"
import {
  counting,
  dice,
  fickleTokens,
  paragraph,
  prose,
  segmentsOf,
  title,
  wordTokens
} from "../../../../test/support/chunking.ts"
import { chunk } from "./chunkers.ts"
import { embeddedText } from "../text/embeddedText.ts"

/** What tears badly: clusters of all kinds, long words, white space of all kinds. */
const pieces = [
  "word",
  "a",
  " ",
  "  ",
  "\n",
  "\r\n",
  "\u00a0",
  "\u3000",
  ". ",
  "! ",
  "。",
  "e\u0301",
  "\u0301",
  "\u200d",
  "👨‍👩‍👧‍👦",
  "🇩🇪",
  "🇫",
  "👍🏽",
  "1️⃣",
  "한국",
  "\u1112\u1161\u11ab",
  "क्षि",
  "नमस्ते",
  "ภาษาไทยกำลัง",
  "漢字かな",
  "ZWJ©\u200d®",
  "\ud800",
  "x".repeat(70),
  "👩‍🚀".repeat(30),
  "Sentence one. Sentence two? "
] as const

const Piece = Schema.Literals(pieces)
const kinds = ["title", "paragraph", "list", "code", "caption", "image"] as const

const Documents = Schema.Array(Schema.Struct({
  kind: Schema.Literals(kinds),
  level: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4 })),
  pieces: Schema.Array(Piece).check(Schema.isMaxLength(40))
})).check(Schema.isMaxLength(24))

const elementsOf = (documents: typeof Documents.Type): ReadonlyArray<Element> =>
  documents.map(({ kind, level, pieces }, i): Element => ({
    kind,
    ...(kind === "title" ? { level } : {}),
    text: pieces.join(""),
    boxes: [{ page: 1 + Math.floor(i / 3), x0: 0, y0: i / 100, x1: 1, y1: (i + 1) / 100 }]
  }))

const settings: ReadonlyArray<ChunkingSettings> = [
  { method: "general" },
  { method: "general", maxTokens: 40, softMaxTokens: 30, combineUnder: 20 },
  { method: "general", maxTokens: 24, softMaxTokens: 24, combineUnder: 0 },
  { method: "general", unit: "characters", maxTokens: 100 },
  { method: "page", maxTokens: 24 },
  { method: "table" },
  { method: "parent-child", maxTokens: 30, parentMaxTokens: 100 },
  { method: "whole" }
]
const pairs: ChunkingSettings = { method: "qa", maxTokens: 60 }
const overlapping: ChunkingSettings = { method: "general", maxTokens: 48, overlap: 12 }

/** Most tokens of a segment that is embedded, and of one that is only read. */
const mostOf = (setting: ChunkingSettings, limit: number) => {
  switch (setting.method) {
    case "general":
      return { searched: setting.unit === "characters" ? limit : Math.min(limit, setting.maxTokens ?? 512), read: 0 }
    case "parent-child": {
      const searched = Math.min(limit, setting.maxTokens ?? 128)
      return { searched, read: Math.max(searched, setting.parentMaxTokens ?? 1_024) }
    }
    case "qa":
      return { searched: limit, read: setting.maxTokens ?? 4_096 }
    case "page":
      return { searched: Math.min(limit, setting.maxTokens ?? limit), read: 0 }
    case "table":
    case "whole":
      return { searched: limit, read: 0 }
  }
}

const limits = { document: Documents, limit: Schema.Int.check(Schema.isBetween({ minimum: 24, maximum: 120 })) }

const bare = (text: string): string => text.replaceAll(/\s/gu, "")

/** Where graphemes end, counted in units that are not white space. */
const graphemeEnds = (elements: ReadonlyArray<Element>): Set<number> => {
  const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" })
  const ends = new Set([0])
  let end = 0
  for (const { text } of elements) {
    for (const { segment } of segmenter.segment(text)) ends.add(end += bare(segment).length)
  }
  return ends
}

describe("chunkers, whatever the document", () => {
  for (const setting of [...settings, overlapping, pairs]) {
    const name = JSON.stringify(setting)

    it.effect.prop(
      `hold the limit with a tokenizer that does not add up: ${name}`,
      limits,
      ({ document, limit }) =>
        Effect.gen(function*() {
          const options = { settings: setting, limit, tokens: fickleTokens }
          const drafts = yield* segmentsOf(elementsOf(document), options)
          const most = mostOf(setting, limit)
          for (const draft of drafts) {
            const isAnswer = setting.method === "qa" && draft.family === "parent"
            assert.strictEqual(draft.tokens, fickleTokens(isAnswer ? draft.text : embeddedText(draft)))
            assert.isAtMost(draft.tokens, draft.family === "parent" ? most.read : most.searched)
            if (setting.method === "general" && setting.unit === "characters") {
              assert.isAtMost(draft.text.length, setting.maxTokens ?? 512)
            }
            assert.notStrictEqual(draft.text.trim(), "")
            assert.deepStrictEqual(
              draft.boxes.map((box) => box.page),
              draft.boxes.map((box) => box.page).sort((a, b) => a - b)
            )
          }
          assert.isTrue(drafts[0]?.family !== "child", "a child without a parent")
          const pages = drafts.map((draft) => draft.boxes[0]?.page ?? 0)
          assert.deepStrictEqual(pages, pages.toSorted((a, b) => a - b))
          assert.deepStrictEqual(yield* segmentsOf(elementsOf(document), { ...options, arriving: 1 }), drafts)
        }),
      { arbitrary: { runs: 60, size: 40 } }
    )
  }

  for (const setting of settings) {
    it.effect.prop(
      `lose nothing, keep order and split no grapheme: ${JSON.stringify(setting)}`,
      limits,
      ({ document, limit }) =>
        Effect.gen(function*() {
          const elements = elementsOf(document)
          const all = yield* segmentsOf(elements, { settings: setting, limit, tokens: fickleTokens })
          const ends = graphemeEnds(elements)
          // Parents say everything once, and so do children.
          const families = all.some(({ family }) => family !== undefined) ? ["parent", "child"] : [undefined]
          for (const wanted of families) {
            const drafts = all.filter(({ family }) => family === wanted)
            assert.strictEqual(
              drafts.map(({ text }) => bare(text)).join(""),
              elements.map(({ text }) => bare(text)).join("")
            )
            let end = 0
            for (const { text } of drafts) {
              assert.isTrue(ends.has(end += bare(text).length), `cut at ${end} before ${text}`)
            }
          }
          let read = ""
          for (const { family, text } of all.toReversed()) {
            if (family === "child") read = bare(text) + read
            else if (family === "parent") {
              assert.strictEqual(read, bare(text), "children are cut from their parent")
              read = ""
            }
          }
        }),
      { arbitrary: { runs: 60, size: 40 } }
    )
  }

  it.effect.prop("keep every row of a table, under its header", {
    rows: Schema.Array(Schema.Array(Piece).check(Schema.isMaxLength(6))).check(Schema.isMaxLength(40))
  }, ({ rows }) =>
    Effect.gen(function*() {
      const lines = ["Name | Price", ...rows.map((row) => bare(row.join("")) || "-")]
      const table: Element = { kind: "table", text: lines.join("\n"), boxes: [] }
      const drafts = yield* segmentsOf([table], { limit: 40, tokens: fickleTokens })
      const header = "Name | Price\n"
      const rowsOf = drafts.map(({ text }) => text.startsWith(header.trim()) ? text.slice(header.length) : text)
      for (const [i, { text }] of drafts.entries()) {
        // Only a row that fills a segment by itself goes without.
        if (text === rowsOf[i]) assert.isAbove(fickleTokens(header + text), 40)
      }
      assert.strictEqual(bare(rowsOf.join("")), bare(lines.slice(1).join("")))
    }), { arbitrary: { runs: 60, size: 40 } })

  it.effect("take twice as long for twice as much, and not much for either", () =>
    Effect.gen(function*() {
      const roll = dice(11)
      const large = Array.from({ length: 10_000 }, () => paragraph(prose(roll, 80)))
      const cost = Effect.fnUntraced(function*(elements: ReadonlyArray<Element>) {
        let least = Number.POSITIVE_INFINITY
        for (let i = 0; i < 2; i++) {
          const before = process.cpuUsage()
          yield* segmentsOf(elements, { tokens: (text) => 2 + Math.ceil(text.length / 4) })
          const { system, user } = process.cpuUsage(before)
          least = Math.min(least, (user + system) / 1_000)
        }
        return least
      })
      // One paragraph of it all is the harder case: it has to be cut into sentences.
      const merged = (elements: ReadonlyArray<Element>) => [paragraph(elements.map(({ text }) => text).join(" "))]
      for (const form of [(elements: ReadonlyArray<Element>) => elements, merged]) {
        yield* cost(form(large.slice(0, 2_500)))
        const half = yield* cost(form(large.slice(0, 5_000)))
        const full = yield* cost(form(large))
        assert.isAtMost(full, 2.5 * half + 20, `${half} ms, then ${full} ms of CPU for 5 MB`)
        assert.isAtMost(full, 5_000)
      }
    }), 60_000)

  it.effect("hold back no more than a batch and a few segments", () =>
    Effect.gen(function*() {
      const roll = dice(12)
      let read = 0
      let written = 0
      let most = 0
      const endless = function*() {
        for (let i = 0; i < 5_000; i++) {
          const element = i % 50 === 0 ? title(1 + roll(4), prose(roll, 4)) : paragraph(prose(roll, 80))
          read += element.text.length
          yield element
        }
      }
      yield* chunk(
        Stream.fromIterable(endless(), { chunkSize: 16 }),
        { method: "general" },
        { maxTokens: 512 },
        counting(wordTokens)
      ).pipe(Stream.runForEach(({ text }) =>
        Effect.sync(() => {
          written += text.length
          most = Math.max(most, read - written)
        })
      ))
      assert.isAbove(read, 2_000_000)
      assert.isBelow(most, 200_000)
    }))
})
