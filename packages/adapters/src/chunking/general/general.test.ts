import type { AssetRef, Element } from "@sheaf/domain/documents/Element"
import { Sha256 } from "@sheaf/domain/ids"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { dice, paragraph, prose, segmentsOf, title, wordTokens } from "../../../../../test/support/chunking.ts"
import type { SegmentDraft } from "../Chunker.ts"
import { embeddedText } from "../../text/embeddedText.ts"

/** Words without a full stop, of one token each. */
const words = (count: number, word = "word") => Array.from({ length: count }, () => word).join(" ")

const section = (
  name: string,
  length: number,
  level = 1
) => [title(level, name), paragraph(words(length, name.toLowerCase()))]

const firstLines = (drafts: ReadonlyArray<SegmentDraft>) => drafts.map(({ text }) => text.split("\n")[0]?.slice(0, 12))

const changed = (before: ReadonlyArray<SegmentDraft>, after: ReadonlyArray<SegmentDraft>) => {
  const known = new Set(before.map(embeddedText))
  return after.filter((draft) => !known.has(embeddedText(draft))).length
}

describe("general", () => {
  it.effect("begins a segment at each title whose section is not small", () =>
    Effect.gen(function*() {
      const drafts = yield* segmentsOf([...section("One", 270), ...section("Two", 260), ...section("Six", 270)])
      assert.deepStrictEqual(firstLines(drafts), ["One", "Two", "Six"])
      assert.deepStrictEqual(drafts.map(({ headingPath }) => headingPath), [[], [], []])
    }))

  it.effect("combines small sections with each other, not with their larger neighbours", () =>
    Effect.gen(function*() {
      const small = ["A", "B", "C"].flatMap((name) => section(name, 40))
      const drafts = yield* segmentsOf([...section("Large", 270), ...small, ...section("Great", 270)])
      assert.deepStrictEqual(firstLines(drafts), ["Large", "A", "Great"])
      assert.include(drafts[1]?.text, "\n\nC\n\n")
      const apart = yield* segmentsOf([...small], { settings: { method: "general", combineUnder: 0 } })
      assert.deepStrictEqual(firstLines(apart), ["A", "B", "C"])
    }))

  it.effect("keeps a title with what stands under it", () =>
    Effect.gen(function*() {
      const drafts = yield* segmentsOf([
        title(1, "Manual"),
        title(2, "Safety"),
        paragraph(words(270)),
        ...section("Use", 270, 2)
      ])
      assert.deepStrictEqual(firstLines(drafts), ["Manual", "Use"])
      assert.deepStrictEqual(drafts[1]?.headingPath, ["Manual"])
    }))

  it.effect("says which titles stand above, once each, and counts them", () =>
    Effect.gen(function*() {
      const blocks = Array.from({ length: 8 }, (_, i) => paragraph(words(100, `w${i}`)))
      const drafts = yield* segmentsOf([
        title(1, "Manual"),
        ...section("Safety", 260, 2),
        ...section("Use", 2, 2),
        ...blocks
      ])
      const last = drafts.at(-1)
      assert.deepStrictEqual(last?.headingPath, ["Manual", "Use"])
      assert.strictEqual(embeddedText(last!), `Manual > Use\n\n${last!.text}`)
      for (const draft of drafts) assert.strictEqual(draft.tokens, wordTokens(embeddedText(draft)))
    }))

  it.effect("says a title once that a book and its first chapter have", () =>
    Effect.gen(function*() {
      const blocks = Array.from({ length: 8 }, (_, i) => paragraph(words(100, `w${i}`)))
      const drafts = yield* segmentsOf([title(1, "Manual"), title(2, "Manual"), title(3, "Use"), ...blocks])
      assert.deepStrictEqual(drafts.at(-1)?.headingPath, ["Manual", "Use"])
    }))

  it.effect("leaves out the outer titles where all would take too much", () =>
    Effect.gen(function*() {
      const outer = title(1, words(120, "outer"))
      const blocks = Array.from({ length: 8 }, (_, i) => paragraph(words(100, `w${i}`)))
      const drafts = yield* segmentsOf([outer, title(2, words(20, "inner")), ...blocks])
      assert.deepStrictEqual(drafts.at(-1)?.headingPath, [words(20, "inner")])
    }))

  it.effect("keeps to the soft maximum where blocks allow it and takes a longer block whole", () =>
    Effect.gen(function*() {
      const blocks = Array.from({ length: 20 }, (_, i) => paragraph(words(90, `w${i}`)))
      const drafts = yield* segmentsOf([...blocks, paragraph(words(500, "long")), ...blocks])
      for (const { text, tokens } of drafts) assert.isAtMost(tokens, text.includes("long") ? 502 : 290)
      assert.isTrue(drafts.some(({ text }) => text === words(500, "long")))
    }))

  it.effect("cuts a long block between sentences", () =>
    Effect.gen(function*() {
      const drafts = yield* segmentsOf([paragraph(prose(dice(1), 3_000))])
      assert.isAbove(drafts.length, 8)
      for (const { text } of drafts) assert.match(text, /^[A-Z].*\.$/s)
    }))

  it.effect("cuts code between lines and keeps its indentation", () =>
    Effect.gen(function*() {
      const code = Array.from({ length: 300 }, (_, i) => `    if (a${i}) return b`).join("\n")
      const drafts = yield* segmentsOf([{ kind: "code", text: code, boxes: [] }])
      assert.strictEqual(drafts.map(({ text }) => text).join("\n"), code)
    }))

  it.effect("repeats the end of a segment in the next, whole words and within the limit", () =>
    Effect.gen(function*() {
      const settings = { method: "general", maxTokens: 100, overlap: 20 } as const
      const drafts = yield* segmentsOf([paragraph(prose(dice(2), 600)), ...section("Next", 30)], { settings })
      assert.isAbove(drafts.length, 5)
      for (const [i, { text, tokens }] of drafts.entries()) {
        assert.isAtMost(tokens, 100)
        if (i === 0 || text.startsWith("Next")) continue
        const begin = text.split(" ").slice(0, 3).join(" ")
        assert.include(drafts[i - 1]?.text, begin)
      }
      assert.isTrue(drafts.at(-1)?.text.startsWith("Next"))
    }))

  it.effect("counts characters on request, under the tokens' limit all the same", () =>
    Effect.gen(function*() {
      const text = prose(dice(3), 2_000)
      const settings = { method: "general", unit: "characters" } as const
      const drafts = yield* segmentsOf([paragraph(text)], { settings })
      assert.isAtMost(Math.max(...drafts.map(({ text }) => text.length)), 512)
      assert.isAbove(Math.max(...drafts.map(({ text }) => text.length)), 256)
      const tight = yield* segmentsOf([paragraph(text)], { settings, limit: 32 })
      assert.isAtMost(Math.max(...tight.map(({ tokens }) => tokens)), 32)
    }))

  it.effect("gives a cut element the boxes of its lines, if each line has one", () =>
    Effect.gen(function*() {
      const lines = Array.from({ length: 40 }, (_, i) => words(30, `w${i}`))
      const box = (i: number) => ({ page: 1 + Math.floor(i / 25), x0: 0, y0: i / 40, x1: 1, y1: (i + 1) / 40 })
      const list: Element = { kind: "list", text: lines.join("\n"), boxes: lines.map((_, i) => box(i)) }
      const drafts = yield* segmentsOf([list])
      assert.deepStrictEqual(drafts.flatMap(({ boxes }) => boxes), list.boxes)
      for (const { boxes, text } of drafts) assert.strictEqual(boxes.length, text.split("\n").length)
    }))

  it.effect("gives a segment the assets of its elements, each once, and every part of a cut element all of them", () =>
    Effect.gen(function*() {
      const asset = (digit: string, role: AssetRef["role"]): AssetRef => ({ hash: Sha256.make(digit.repeat(64)), role })
      const picture = asset("a", "image")
      const shown = asset("b", "table")
      const rows = Array.from({ length: 400 }, (_, i) => `row ${i} | ${i}`)
      const drafts = yield* segmentsOf([
        { ...paragraph(words(250, "first")), assets: [picture] },
        { ...paragraph(words(20, "again")), assets: [picture] },
        { kind: "table", text: rows.join("\n"), boxes: [], assets: [shown] },
        paragraph(words(300, "none"))
      ])
      assert.deepStrictEqual(drafts[0]?.assets, [picture])
      const ofTable = drafts.filter(({ text }) => text.includes("row "))
      assert.isAbove(ofTable.length, 1)
      for (const { assets } of ofTable) assert.deepInclude(assets, shown)
      assert.deepStrictEqual(drafts.at(-1)?.assets, [])
    }))

  it.effect("does not put a book into one segment because the tokenizer takes it for one unknown word", () =>
    Effect.gen(function*() {
      const texts = ["漢字かな交じり文。", "ภาษาไทยกำลังเขียน", "नमस्ते दुनिया ", "Слово за словом. "]
      for (const text of texts) {
        const drafts = yield* segmentsOf([paragraph(text.repeat(2_000))], { tokens: () => 2 })
        for (const draft of drafts) assert.isBelow(draft.text.length, 6_200)
        assert.isAbove(drafts.length, 4)
      }
    }))

  it.effect("fails, typed, where a single character is over the limit", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(segmentsOf([paragraph("héllo")], { tokens: () => 17, limit: 16 }))
      assert.deepInclude(error, { _tag: "LimitTooSmall", tokens: 17, limit: 16 })
    }))

  it.effect("cuts a grapheme that is itself over the limit between its code points", () =>
    Effect.gen(function*() {
      const monster = `a${"\u0301".repeat(400)}`
      const drafts = yield* segmentsOf([paragraph(monster)], { tokens: (text) => 2 + text.length, limit: 64 })
      assert.strictEqual(drafts.map(({ text }) => text).join(""), monster)
      for (const { tokens } of drafts) assert.isAtMost(tokens, 64)
    }))

  it.effect("has nothing to say about a document without a word", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* segmentsOf([]), [])
      assert.deepStrictEqual(yield* segmentsOf([paragraph(" \n "), title(1, "\u00a0")]), [])
    }))

  it.effect("keeps all but a few segments when a paragraph is put in", () =>
    Effect.gen(function*() {
      const roll = dice(7)
      const document = Array.from({ length: 1_000 }, () => paragraph(prose(roll, 30 + roll(90))))
      const before = yield* segmentsOf(document)
      const added = paragraph("A paragraph that was not there before, of a few words only.")
      for (const place of [0, 1, 333, 500, 999, 1_000]) {
        const after = yield* segmentsOf(document.toSpliced(place, 0, added))
        assert.isAtMost(changed(before, after), 3, `at ${place}`)
      }
      const shorter = yield* segmentsOf(document.toSpliced(500, 1))
      assert.isAtMost(changed(before, shorter), 3)
    }))

  it.effect("keeps all but a few segments when a word is put into a text of one single paragraph", () =>
    Effect.gen(function*() {
      const text = prose(dice(9), 20_000)
      const before = yield* segmentsOf([paragraph(text)])
      const after = yield* segmentsOf([paragraph(`Unheard. ${text}`)])
      assert.isAbove(before.length, 50)
      assert.isAtMost(changed(before, after), 3)
    }))
})
