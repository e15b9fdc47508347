import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { readingOf } from "./elementsOf.ts"
import { isBlank, toGray, turned } from "./gray.ts"
import { languageData } from "./languages.ts"
import { paragraphsOf } from "./tsv.ts"

const row = (place: string, text: string, confidence = 95, left = 10, top = 20) =>
  `5\t1\t${place.replaceAll(" ", "\t")}\t1\t${left}\t${top}\t30\t10\t${confidence}\t${text}`

const read = (rows: ReadonlyArray<string>) => readingOf(paragraphsOf(rows.join("\n")), 3, (x, y) => [x / 100, y / 200])

describe("what is read of a page", () => {
  it("is a paragraph of its lines, each with a box", () => {
    const { elements } = read([
      "4\t1\t1\t1\t1\t0\t0\t0\t0\t0\t-1\t",
      row("1 1 1", "Many"),
      row("1 1 1", "hyphen-", 95, 50),
      row("1 1 2", "ated", 95, 10, 40),
      row("1 2 1", "Next", 95, 10, 80)
    ])
    assert.deepStrictEqual(elements.map(({ text }) => text), ["Many hyphenated", "Next"])
    assert.deepStrictEqual(elements[0]!.boxes[0], { page: 3, x0: 0.1, y0: 0.1, x1: 0.8, y1: 0.15 })
    assert.strictEqual(elements[0]!.boxes.length, 2)
  })

  it("leaves out lines that it is not sure of, and those without a letter", () => {
    const { all, confidence, elements, taken } = read([
      row("1 1 1", "sure", 90),
      row("1 1 2", "~g~%", 20),
      row("1 2 1", "—|—", 99),
      row("1 3 1", "x", 10)
    ])
    assert.deepStrictEqual(elements.map(({ text }) => text), ["sure"])
    assert.deepStrictEqual([taken, all, confidence], [4, 12, 90])
    assert.deepStrictEqual(read([]), { elements: [], confidence: 0, taken: 0, all: 0 })
  })

  it("has no spaces where the script has none", () => {
    const { elements } = read([row("1 1 1", "日"), row("1 1 1", "本"), row("1 1 1", "PDF")])
    assert.strictEqual(elements[0]!.text, "日本 PDF")
  })
})

describe("pictures in gray", () => {
  it("are what they were after four quarters", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (width, height) => {
      const picture = { width, height, pixels: Uint8Array.from({ length: width * height }, (_, at) => at) }
      const once = turned(picture)
      assert.deepStrictEqual([once.width, once.height], [height, width])
      // What was at the top left is at the top right.
      assert.strictEqual(once.pixels[height - 1], 0)
      assert.deepStrictEqual(turned(turned(turned(once))), picture)
    }))
  })

  it("are blank in any one colour, and not with a word on them", () => {
    const paper = (shade: number, ink: number) => {
      const rgba = new Uint8ClampedArray(4 * 1_000_000).fill(shade)
      for (let at = 0; at < ink; at++) rgba.fill(255 - shade, 4 * at * 7, 4 * at * 7 + 3)
      return toGray(1_000, 1_000, rgba)
    }
    assert.isTrue(isBlank(paper(255, 0)))
    assert.isTrue(isBlank(paper(30, 3)))
    assert.isFalse(isBlank(paper(255, 200)))
  })
})

describe("languages", () => {
  it("are found where their data is installed, and else named by what to install", () => {
    const { found, missing } = languageData(["eng", "tlh", "../eng"])
    assert.deepStrictEqual(found.map(({ code }) => code), ["eng"])
    assert.deepStrictEqual(missing, ["@tesseract.js-data/tlh", "@tesseract.js-data/../eng"])
  })
})
