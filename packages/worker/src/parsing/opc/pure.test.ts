import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { numeral } from "./markers.ts"
import { partName } from "./partName.ts"
import { tableElements } from "./tableElements.ts"
import { usefulAlt } from "./usefulAlt.ts"

describe("numeral", () => {
  it("counts in letters and in roman numbers as office programs do", () => {
    const cases = [
      [1, "lowerLetter", "a"],
      [26, "upperLetter", "Z"],
      [27, "lowerLetter", "aa"],
      [54, "lowerLetter", "bbb"],
      [4, "lowerRoman", "iv"],
      [1994, "upperRoman", "MCMXCIV"],
      [7, "decimalZero", "07"],
      [7, "none", ""],
      [7, "chineseCounting", "7"]
    ] as const
    for (const [number, format, text] of cases) assert.strictEqual(numeral(number, format), text)
  })

  it("gives two numbers two texts", () => {
    const format = fc.constantFrom("decimal", "lowerRoman", "upperLetter", "decimalZero")
    fc.assert(fc.property(fc.integer(), fc.integer(), format, (one, other, format) => {
      assert.strictEqual(numeral(one, format) === numeral(other, format), one === other)
    }))
  })
})

describe("partName", () => {
  it("finds parts relative to a part, or from the root", () => {
    assert.strictEqual(partName("../media/a%20b.png", "ppt/slides/slide1.xml"), "ppt/media/a b.png")
    assert.strictEqual(partName("/xl/a.xml", "x/y.xml"), "xl/a.xml")
    assert.strictEqual(partName("a.xml#part", "x/y.xml"), "x/a.xml")
  })

  it("never leads out of the package", () => {
    const step = fc.constantFrom("..", ".", "/", "\\", "a", "%2e%2e", "%", "")
    fc.assert(fc.property(fc.array(step), (steps) => {
      assert.notMatch(partName(steps.join("/"), "x/y.xml"), /^\/|(?:^|\/)\.\.(?:\/|$)/)
    }))
  })
})

describe("tableElements", () => {
  const cell = fc.oneof(fc.constant(""), fc.string({ maxLength: 5 }), fc.constant("word ".repeat(300)))
  it("loses no cell, and gives each part the header of its columns", () => {
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 80 }), (rows) => {
        const tables = [...tableElements(rows)]
        const filled = rows.filter((row) => row.some((text) => text.trim() !== ""))
        const [header, ...others] = filled
        const bare = (texts: ReadonlyArray<string>) => texts.join("").replaceAll(/\s/g, "")
        const found = tables.flatMap((table) => table.rows!.slice(1).flat())
        assert.strictEqual(bare(found), bare(others.flat()))
        for (const [first, ...rest] of tables.map((table) => table.rows!)) {
          for (const row of rest) assert.strictEqual(row.length, first!.length)
        }
        // A row too wide for one table is cut between columns, so that several headers make up the whole one.
        const headers = bare(tables.flatMap((table) => table.rows![0]!))
        const whole = bare(header ?? [])
        assert.strictEqual(headers, whole.repeat(whole === "" ? 0 : headers.length / whole.length))
      }),
      { numRuns: 50 }
    )
  })

  it("cuts a row too wide for one table between columns", () => {
    const wide = Array.from({ length: 4 }, (_, at) => `${at} ${"word ".repeat(300)}`)
    const tables = [...tableElements([wide, wide])]
    assert.isAbove(tables.length, 1)
    for (const { rows } of tables) assert.deepStrictEqual(rows![0], rows![1])
    assert.deepStrictEqual(tables.flatMap((table) => table.rows![0]!), wide)
  })
})

describe("usefulAlt", () => {
  it("is what people write, and not what programs do", () => {
    assert.strictEqual(usefulAlt(" A pump cut open "), "A pump cut open")
    for (const alt of ["", "ab", "image1.png", "Picture 3", "Grafik 12"]) assert.strictEqual(usefulAlt(alt), "")
  })
})
