import { assert, describe, it } from "@effect/vitest"
import { embeddedText } from "../../text/embeddedText.ts"
import { Effect } from "effect"
import { dice, paragraph, prose, segmentsOf, title } from "../../../../../test/support/chunking.ts"
import type { SegmentDraft } from "../Chunker.ts"

const settings = { method: "parent-child", maxTokens: 60, parentMaxTokens: 400 } as const

const ofFamily = (drafts: ReadonlyArray<SegmentDraft>, wanted: SegmentDraft["family"]) =>
  drafts.filter(({ family }) => family === wanted)

describe("parent-child", () => {
  it.effect("gives each parent its children, which know the titles above", () =>
    Effect.gen(function*() {
      const roll = dice(21)
      const section = (name: string) => [title(2, name), paragraph(prose(roll, 100)), paragraph(prose(roll, 90))]
      const drafts = yield* segmentsOf([title(1, "Manual"), ...section("Safety"), ...section("Use")], { settings })
      const parents = ofFamily(drafts, "parent")
      assert.deepStrictEqual(parents.map(({ headingPath }) => headingPath), [[], ["Manual"]])
      assert.isTrue(parents[1]?.text.startsWith("Use\n\n"))
      for (const { tokens } of ofFamily(drafts, "child")) assert.isAtMost(tokens, 60)
      assert.deepStrictEqual(drafts.at(-1)?.headingPath, ["Manual", "Use"])
      assert.strictEqual(drafts[0]?.family, "parent")
    }))

  it.effect("lets parents be longer than what is embedded may be", () =>
    Effect.gen(function*() {
      const roll = dice(22)
      const drafts = yield* segmentsOf(Array.from({ length: 40 }, () => paragraph(prose(roll, 40))), {
        settings,
        limit: 50
      })
      assert.isAbove(Math.max(...ofFamily(drafts, "parent").map(({ tokens }) => tokens)), 150)
      for (const { tokens } of ofFamily(drafts, "child")) assert.isAtMost(tokens, 50)
    }))

  it.effect("embeds few children anew when a paragraph is put in", () =>
    Effect.gen(function*() {
      const roll = dice(23)
      const document = Array.from({ length: 400 }, () => paragraph(prose(roll, 30 + roll(90))))
      const before = new Set(ofFamily(yield* segmentsOf(document, { settings }), "child").map(embeddedText))
      for (const place of [0, 2, 200]) {
        const after = yield* segmentsOf(document.toSpliced(place, 0, paragraph("Put in, of a few words only.")), {
          settings
        })
        assert.isAtMost(ofFamily(after, "child").filter((draft) => !before.has(embeddedText(draft))).length, 3)
      }
    }))
})
