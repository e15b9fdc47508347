import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { outline, parseContent, type Parsed, temporaryFile } from "../testFile.ts"
import { pdfParser } from "./pdfParser.ts"
import { cjkPdf, drawPdf, hex, type Pen, scriptPdf, streamObject, turn, writePdf } from "./testPdf.ts"
import { encryptedPdf } from "./encryptedPdf.ts"

const parsePdf = (make: () => Promise<Uint8Array>) =>
  Effect.flatMap(Effect.promise(make), (bytes) => parseContent(bytes, "a.pdf"))

const failureOf = (content: string | Uint8Array, password?: string) =>
  Effect.map(
    Effect.flip(parseContent(content, "a.pdf", password === undefined ? {} : { password })),
    ({ failure }) => failure
  )

const manual = (pages: number) =>
  drawPdf(Array.from({ length: pages }, () => (pen: Pen, number: number) => {
    pen.line("The Pump Manual, third edition", 40, { size: 8 })
    pen.line(`2.${number} Handling of part ${"ABCDEFGHIJ"[number]}`, 90, { size: 14, font: "bold" })
    pen.lines([
      "The pump moves water from the well to the tank, and it must be filled before its first",
      "start. Its seals are made of rubber, which ages: replace them every second summer and",
      `not later than in year ${number * 7}.`
    ], 120)
    pen.lines([
      "A second paragraph stands further down. It speaks of the electric motor and of the volt-",
      "age that it needs, which is written on its plate."
    ], 180)
    pen.line(number % 2 === 0 ? `${number + 10}` : `Part two     ${number + 10}`, 770, {
      size: 8,
      x: number % 2 === 0 ? 60 : 500
    })
  }))

const wordsAt = (parsed: Parsed, kind: string) => parsed.elements.filter((element) => element.kind === kind)

describe("pdfParser", () => {
  it.effect("reads titles and paragraphs, joins hyphenated words, drops running headers and page numbers", () =>
    Effect.gen(function*() {
      const parsed = yield* parsePdf(() => manual(4))
      assert.strictEqual(parsed.pages, 4)
      assert.deepStrictEqual(outline(parsed).slice(0, 3), [
        "title2: 2.1 Handling of part B",
        "paragraph: The pump moves water from the well to the tank, and it must be filled before its first start. Its seals are made of rubber, which ages: replace them every second summer and not later than in year 7.",
        "paragraph: A second paragraph stands further down. It speaks of the electric motor and of the voltage that it needs, which is written on its plate."
      ])
      assert.strictEqual(parsed.elements.length, 12)
    }))

  it.effect("reads all of a document with more objects than it keeps, which is opened anew between its ranges", () =>
    Effect.gen(function*() {
      // An object for each page, more than the 1,024 that are kept; the first range is more pages than the 256 of an opening.
      const pages = 1_400
      const bytes = yield* Effect.promise(() =>
        drawPdf(Array.from({ length: pages }, () => (pen: Pen, number: number) => {
          pen.line(`Words of page ${number}.`, 100 + 10 * (number % 30))
        }))
      )
      const path = yield* temporaryFile(bytes)
      const input = { path, name: "a.pdf", mediaType: "application/pdf" }
      const found: Array<readonly [page: number | undefined, text: string]> = []
      const warnings: Array<unknown> = []
      const output = {
        warn: (warning: unknown) => void warnings.push(warning),
        asset: () => Promise.reject(new Error("no asset"))
      }
      yield* Effect.promise(async () => {
        for (const range of [{ first: 1, last: 1_300 }, { first: 1_301, last: pages }]) {
          for await (const { boxes, text } of pdfParser.parse(input, range, output)) found.push([boxes[0]?.page, text])
        }
      })
      assert.deepStrictEqual(found, Array.from({ length: pages }, (_, at) => [at + 1, `Words of page ${at + 1}.`]))
      assert.deepStrictEqual(warnings, [])
    }).pipe(Effect.scoped))

  it.effect("says where on the displayed page each element stands", () =>
    Effect.gen(function*() {
      const { elements } = yield* parsePdf(() => manual(2))
      const [box] = elements[0]!.boxes
      assert.strictEqual(box!.page, 1)
      assert.approximately(box!.x0, 0.1, 0.005)
      assert.approximately(box!.y0, (90 - 0.8 * 14) / 800, 0.005)
      assert.approximately(box!.y1, (90 + 0.2 * 14) / 800, 0.005)
      assert.isTrue(
        elements.every(({ boxes }) => boxes.every((b) => b.x0 < b.x1 && b.y0 < b.y1 && b.x1 <= 1 && b.y1 <= 1))
      )
    }))

  it.effect("gives the same for a page whatever the range it is asked for in", () =>
    Effect.gen(function*() {
      const bytes = yield* Effect.promise(() => manual(7))
      const whole = yield* parseContent(bytes, "a.pdf")
      const parts = yield* Effect.forEach([[1, 1], [2, 4], [5, 99]] as const, ([first, last]) =>
        parseContent(bytes, "a.pdf", { range: { first, last } }))
      assert.deepStrictEqual(
        parts.flatMap(({ elements }) =>
          elements
        ),
        whole.elements
      )
    }))

  it.effect("gives a paragraph that goes on to the page that it begins on", () =>
    Effect.gen(function*() {
      const bytes = yield* Effect.promise(() =>
        drawPdf([
          (pen) =>
            pen.lines(
              ["A first paragraph.", "", "The pump, which nobody has looked after for a long time, must be"],
              660
            ),
          (pen) => pen.lines(["cleaned before it is filled.", "", "Then it can be started."], 100)
        ])
      )
      const expected = [
        "paragraph: A first paragraph.",
        "paragraph: The pump, which nobody has looked after for a long time, must be cleaned before it is filled.",
        "paragraph: Then it can be started."
      ]
      const whole = yield* parseContent(bytes, "a.pdf")
      assert.deepStrictEqual(outline(whole), expected)
      assert.deepStrictEqual(whole.elements[1]!.boxes.map(({ page }) => page), [1, 2])
      const first = yield* parseContent(bytes, "a.pdf", { range: { first: 1, last: 1 } })
      const second = yield* parseContent(bytes, "a.pdf", { range: { first: 2, last: 2 } })
      assert.deepStrictEqual([...outline(first), ...outline(second)], expected)
    }))

  it.effect("reads columns one after the other, below a title across both", () =>
    Effect.gen(function*() {
      const left = [
        "In the first column the text begins with",
        "words about rivers, and it goes on for",
        "several lines until it reaches the foot",
        "of the page where the sentence is not"
      ]
      const right = [
        "finished but goes on in the next column.",
        "Here the words are about mountains and",
        "what can be seen from them, and they end",
        "before the page does."
      ]
      const parsed = yield* parsePdf(() =>
        drawPdf([(pen) => {
          pen.line("A title that runs over the width of both columns of the page", 80, { size: 16, font: "bold" })
          // Drawn row by row, as some programs do: order in the file is no order of reading.
          left.forEach((text, at) => {
            pen.line(text, 140 + 14 * at)
            pen.line(right[at]!, 140 + 14 * at, { x: 320 })
          })
        }])
      )
      assert.deepStrictEqual(outline(parsed), [
        "title2: A title that runs over the width of both columns of the page",
        `paragraph: ${[...left, ...right].join(" ")}`
      ])
      assert.strictEqual(parsed.elements[1]!.boxes.length, 2)
    }))

  it.effect("makes lists, code and tables", () =>
    Effect.gen(function*() {
      const parsed = yield* parsePdf(() =>
        drawPdf([(pen) => {
          pen.lines(["Before the start there are some things to check, and the order of them matters a lot:"], 100)
          pen.lines(
            ["• the oil, which must be clean", "• the belt, which must be tight and without", "   any cracks"],
            130
          )
          pen.line("start --pump 1", 190, { font: "mono" })
          pen.line("  wait --until full", 204, { font: "mono" })
          for (
            const [at, row] of [["Type", "Bore", "Price"], ["A", "10 mm", "120"], ["B", "12 mm", "140"], [
              "C",
              "14 mm",
              "180"
            ]].entries()
          ) {
            row.forEach((cell, column) => pen.line(cell, 250 + 14 * at, { x: 60 + 150 * column }))
          }
          pen.lines(["A paragraph stands below the table, so that the body of the document is not typewriter."], 330)
        }])
      )
      assert.deepStrictEqual(outline(parsed).slice(1, 4), [
        "list: • the oil, which must be clean\n• the belt, which must be tight and without any cracks",
        "code: start --pump 1\n  wait --until full",
        "table: Type | Bore | Price\nA | 10 mm | 120\nB | 12 mm | 140\nC | 14 mm | 180"
      ])
      assert.deepStrictEqual(wordsAt(parsed, "table")[0]!.rows![2], ["B", "12 mm", "140"])
    }))

  for (const angle of [90, 180, 270]) {
    it.effect(`places text on a page turned by ${angle} degrees and cut to a part`, () =>
      Effect.gen(function*() {
        const parsed = yield* parsePdf(() =>
          drawPdf([({ line, page }) => {
            line("Words on a turned page", 400, { x: 300 })
            page.setCropBox(200, 200, 400, 400)
            turn(page, angle)
          }])
        )
        assert.deepStrictEqual(outline(parsed), ["paragraph: Words on a turned page"])
        // On the upright page the text begins in a quarter of the width and in the middle of the height.
        const { x0, x1, y0, y1 } = parsed.elements[0]!.boxes[0]!
        const begin = { 90: y0 - 0.25, 180: x1 - 0.75, 270: y1 - 0.75 }[angle]!
        const base = { 90: x0 - 0.5, 180: y0 - 0.5, 270: x1 - 0.5 }[angle]!
        assert.approximately(begin, 0, 0.01)
        assert.approximately(base, 0, 0.03)
      }))
  }

  it.effect("counts letters that are drawn twice to look bold once", () =>
    Effect.gen(function*() {
      const parsed = yield* parsePdf(() =>
        drawPdf([(pen) => {
          pen.line("Heavy words", 100)
          pen.line("Heavy words", 100, { x: 60.4 })
        }])
      )
      assert.deepStrictEqual(outline(parsed), ["paragraph: Heavy words"])
    }))

  it.effect("reads Japanese of a font that is not embedded, without spaces between lines", () =>
    Effect.gen(function*() {
      const content = `BT /F 12 Tf 60 700 Td ${hex("日本語の文章は空白なしで")} Tj 0 -16 Td ${
        hex("次の行に続きます。")
      } Tj ET`
      const parsed = yield* parseContent(cjkPdf("UniJIS-UCS2-H", content), "a.pdf")
      assert.deepStrictEqual(outline(parsed), ["paragraph: 日本語の文章は空白なしで次の行に続きます。"])
    }))

  it.effect("reads vertical writing, columns from right to left", () =>
    Effect.gen(function*() {
      const content = `BT /F 12 Tf 500 700 Td ${hex("日本語の文章は")} Tj -18 0 Td ${hex("縦に書きます。")} Tj ET`
      const parsed = yield* parseContent(cjkPdf("UniJIS-UCS2-V", content), "a.pdf")
      assert.deepStrictEqual(outline(parsed), ["paragraph: 日本語の文章は縦に書きます。"])
      const { x0, x1, y0, y1 } = parsed.elements[0]!.boxes[0]!
      assert.isTrue(x0 > 0.75 && x1 < 0.9 && y0 < 0.15 && y1 - y0 > 0.08)
    }))

  it.effect("gives right-to-left text in logical order, numbers and names in their own", () =>
    Effect.gen(function*() {
      const visual = (text: string) => hex([...text].toReversed().join(""))
      const content =
        `BT /F 12 Tf 400 700 Td ${visual("שלום עולם")} Tj ET BT /F 12 Tf 350 700 Td ${hex("2024")} Tj ET ` +
        `BT /F 12 Tf 270 700 Td ${visual("בשנת טובה")} Tj ET`
      const parsed = yield* parseContent(scriptPdf(content), "a.pdf")
      assert.deepStrictEqual(outline(parsed), ["paragraph: שלום עולם 2024 בשנת טובה"])
    }))

  it.effect("gives nothing for pages without text", () =>
    Effect.gen(function*() {
      const parsed = yield* parsePdf(() =>
        drawPdf([({ page }) => page.drawRectangle({ width: 100, height: 100 }), () => {}])
      )
      assert.deepStrictEqual([parsed.pages, parsed.elements, parsed.warnings], [2, [], []])
    }))

  it.effect("loses a page that cannot be read, and says so, but no other", () =>
    Effect.gen(function*() {
      const page = (content: number) =>
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents ${content} 0 R /Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>`
      const parsed = yield* parseContent(
        writePdf([
          "<< /Type /Catalog /Pages 2 0 R >>",
          "<< /Type /Pages /Kids [3 0 R 4 0 R 99 0 R] /Count 3 >>",
          page(5),
          page(6),
          streamObject("BT /F 12 Tf 60 600 Td (First page) Tj ET"),
          streamObject("BT /F 12 Tf 60 500 Td (Last words) Tj ET")
        ]),
        "a.pdf"
      )
      assert.deepStrictEqual(parsed.warnings.map(({ page }) => page), [3])
      assert.deepStrictEqual(parsed.elements.map(({ boxes, text }) => `${boxes[0]!.page} ${text}`), [
        "1 First page",
        "2 Last words"
      ])
    }))
})

describe("pdfParser on files that are no use", () => {
  it.effect("tells a missing password from a wrong one, and opens with the right one", () =>
    Effect.gen(function*() {
      const bytes = encryptedPdf
      assert.deepStrictEqual(yield* failureOf(bytes), { _tag: "Encrypted", wrongPassword: false })
      assert.deepStrictEqual(yield* failureOf(bytes, "guess"), { _tag: "Encrypted", wrongPassword: true })
      const parsed = yield* parseContent(bytes, "a.pdf", { password: "open sesame" })
      assert.deepStrictEqual(outline(parsed), ["paragraph: Secret"])
    }))

  it.effect("calls a file that breaks off, or is nothing but a header, corrupt", () =>
    Effect.gen(function*() {
      const bytes = yield* Effect.promise(() => manual(1))
      assert.strictEqual((yield* failureOf(bytes.subarray(0, 200)))._tag, "Corrupt")
      assert.strictEqual((yield* failureOf("%PDF-1.7\n"))._tag, "Corrupt")
      assert.strictEqual((yield* failureOf(`%PDF-1.7\n${"junk ".repeat(500)}`))._tag, "Corrupt")
    }))

  it.effect("finds that there are no pages", () =>
    Effect.gen(function*() {
      const none = writePdf(["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 0 >>"])
      assert.deepStrictEqual(yield* failureOf(none), { _tag: "NoPages" })
    }))
})
