import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { cleanText, keepLines, oneLine } from "@sheaf/domain/documents/cleanText"
import { maxElementLength, tidy } from "./tidy.ts"

describe("cleanText", () => {
  it("leaves NFC without control characters or lone surrogates, and nothing to do", () => {
    const anyText = fc.string({ unit: "binary", maxLength: 60 })
    fc.assert(fc.property(anyText, (any) => {
      const text = `${any}\ud800\u0000e\u0301\u00ad x\r\n${any}`
      for (const clean of [cleanText, oneLine, keepLines]) {
        const once = clean(text)
        assert.strictEqual(once, once.normalize("NFC"))
        assert.isTrue(once.isWellFormed())
        assert.notMatch(once, /[^\P{Cc}\n\t]/u)
        assert.strictEqual(clean(once), once)
      }
    }))
  })

  it("takes linear time on long white space", () => {
    assert.strictEqual(keepLines(`a${" ".repeat(2_000_000)}b`).length, 2_000_002)
    assert.strictEqual(oneLine(`a${" \n".repeat(1_000_000)}b`), "a b")
  })
})

describe("tidy", () => {
  const paragraph = (text: string) => [...tidy({ kind: "paragraph", text, boxes: [] })]

  it("drops what is empty", () => {
    assert.deepStrictEqual(paragraph(" \n\u0000\t"), [])
    assert.deepStrictEqual([...tidy({ kind: "table", text: "", rows: [["", " "]], boxes: [] })], [])
  })

  it("cuts long text into pieces that lose nothing and split no grapheme", () => {
    const part = fc.constantFrom("word ", "長", "👩‍👩‍👧‍👦", "e\u0301", "x".repeat(500), " ")
    fc.assert(
      fc.property(fc.array(part, { minLength: 40, maxLength: 200 }), (parts) => {
        const text = parts.join("").repeat(20).normalize("NFC")
        const pieces = paragraph(text).map((piece) => piece.text)
        const bare = (value: string) => value.replace(/\s+/g, "")
        assert.strictEqual(bare(pieces.join("")), bare(text))
        for (const piece of pieces) {
          assert.isAtMost(piece.length, maxElementLength)
          assert.notMatch(piece, /^[\u0301\u200d]|[\u200d]$/u)
        }
      }),
      { numRuns: 20 }
    )
  })

  it("keeps rows and text of a long table together", () => {
    const rows = Array.from({ length: 3_000 }, (_, at) => [`row ${at}`, "some words in a cell"])
    const tables = [...tidy({ kind: "table", text: "", rows, boxes: [] })]
    assert.isAbove(tables.length, 3)
    assert.deepStrictEqual(tables.flatMap((table) => table.rows), rows)
    for (const table of tables) {
      assert.isAtMost(table.text.length, maxElementLength + 100)
      assert.strictEqual(table.text, table.rows!.map((row) => row.join(" | ")).join("\n"))
    }
  })
})
