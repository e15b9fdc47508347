import type { Element } from "@sheaf/domain/documents/Element"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { dice, paragraph, prose, segmentsOf } from "../../../../../test/support/chunking.ts"

const settings = { method: "page" } as const

const on = (page: number, text: string): Element => ({
  ...paragraph(text),
  boxes: [{ page, x0: 0, y0: 0, x1: 1, y1: 1 }]
})

describe("page", () => {
  it.effect("makes a segment of each page, with what has no place of its own", () =>
    Effect.gen(function*() {
      const drafts = yield* segmentsOf([
        on(1, "One."),
        paragraph("A caption."),
        on(2, "Two."),
        on(2, "More."),
        on(4, "Four.")
      ], {
        settings
      })
      assert.deepStrictEqual(drafts.map(({ text }) => text), ["One.\n\nA caption.", "Two.\n\nMore.", "Four."])
      assert.deepStrictEqual(drafts.map(({ boxes }) => boxes[0]?.page), [1, 2, 4])
    }))

  it.effect("cuts a page that is too long, and fills segments where there are no pages", () =>
    Effect.gen(function*() {
      const roll = dice(5)
      const blocks = Array.from({ length: 30 }, () => prose(roll, 30))
      const paged = yield* segmentsOf(blocks.map((text, i) => on(1 + Math.floor(i / 15), text)), {
        settings: { ...settings, maxTokens: 200 }
      })
      assert.isAbove(paged.length, 4)
      for (const { boxes, tokens } of paged) {
        assert.isAtMost(tokens, 200)
        assert.lengthOf(boxes, 1)
      }
      assert.lengthOf(yield* segmentsOf(blocks.slice(0, 5).map(paragraph), { settings }), 1)
    }))
})
