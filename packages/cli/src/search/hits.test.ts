import { assert, describe, it } from "@effect/vitest"
import type { SearchHit } from "@sheaf/domain/search/Search"
import * as fc from "fast-check"
import { styleFor } from "../terminal/style.ts"
import { excerpt, place, scoreWords } from "./hits.ts"

const style = { ...styleFor(process.stdout), bold: (text: string) => `[${text}]` }
const hit = (text: string, highlights: SearchHit["highlights"]) => ({ text, highlights }) as SearchHit

describe("excerpts", () => {
  it("show the words that matched, and say where something is missing", () => {
    const text = `${"before ".repeat(60)}the boiler is descaled monthly${" after".repeat(60)}`
    const start = text.indexOf("descaled")
    const shown = excerpt(hit(text, [{ start, end: start + 8 }]), 120, style)
    assert.include(shown, "[descaled]")
    assert.match(shown, /^….*…$/)
    assert.isBelow(shown.length, 150)
  })

  it("show nothing that is not in the text", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("oil", "water", "a", "steam"), { minLength: 1, maxLength: 200 }),
        (words) => {
          const text = words.join(" ")
          const highlights = [...text.matchAll(/steam/g)].map(({ index }) => ({ start: index, end: index + 5 }))
          const shown = excerpt(hit(text, highlights), 60, style).replace(/[[\]…]/g, "")
          assert.include(text, shown)
        }
      )
    )
  })
})

it("says where a hit stands, as its document calls the page", () => {
  const at = (citation: object) => place({ documentName: "manual.pdf", citation } as SearchHit)
  assert.strictEqual(at({ page: null, boxes: [] }), "manual.pdf")
  assert.strictEqual(at({ page: 41, boxes: [] }), "manual.pdf, p. 41")
  assert.strictEqual(at({ page: 4, pageLabel: "iv", boxes: [] }), "manual.pdf, p. iv (4)")
})

it("says where a score comes from, and when meaning was left out", () => {
  const score = {
    total: 0.83,
    lexical: { contribution: 0.61, bm25: 3, upperBound: 5, matched: [] },
    vector: { contribution: 0.22, cosine: 0.5 }
  }
  assert.strictEqual(scoreWords(score), "0.83 = words 0.61 + meaning 0.22")
  assert.include(scoreWords({ ...score, lexicalOnly: "language" }), "words alone")
})
