import type { Element } from "@sheaf/domain/documents/Element"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { dice, paragraph, prose, segmentsOf, title } from "../../../../../test/support/chunking.ts"

const settings = { method: "whole" } as const

describe("whole", () => {
  it.effect("keeps a document that fits in one segment, titles and all", () =>
    Effect.gen(function*() {
      const elements = [title(1, "One"), paragraph("First."), title(1, "Two"), paragraph("Second.")]
      const drafts = yield* segmentsOf(elements, { settings })
      assert.deepStrictEqual(drafts.map(({ headingPath, text }) => ({ headingPath, text })), [
        { headingPath: [], text: "One\n\nFirst.\n\nTwo\n\nSecond." }
      ])
    }))

  it.effect("fills segments up to the limit where it does not", () =>
    Effect.gen(function*() {
      const roll = dice(4)
      const elements: ReadonlyArray<Element> = Array.from({ length: 200 }, () => paragraph(prose(roll, 20)))
      const drafts = yield* segmentsOf(elements, { settings, limit: 256 })
      const total = drafts.reduce((sum, { tokens }) => sum + tokens, 0)
      assert.isAtMost(drafts.length, Math.ceil((total / 256) * 1.2))
      for (const { tokens } of drafts) assert.isAtMost(tokens, 256)
    }))
})
