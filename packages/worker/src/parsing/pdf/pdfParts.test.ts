import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { deflateSync } from "node:zlib"
import { PDFName, PDFString } from "pdf-lib"
import { hashOf } from "../jail/assets.ts"
import { outline, parseContent, type Parsed } from "../testFile.ts"
import { toPng } from "./content/png.ts"
import { drawPdf, type Pen, streamObject, turn, writePdf } from "./testPdf.ts"

const parsePdf = (make: () => Promise<Uint8Array>) =>
  Effect.flatMap(Effect.promise(make), (bytes) => parseContent(bytes, "a.pdf"))

const wordsAt = (parsed: Parsed, kind: string) => parsed.elements.filter((element) => element.kind === kind)

describe("pdfParser on tables, pictures and what lies over pages", () => {
  for (const angle of [0, 90]) {
    it.effect(`reads a table by its lines, with a heading over two columns, on a page turned by ${angle} degrees`, () =>
      Effect.gen(function*() {
        const parsed = yield* parsePdf(() =>
          drawPdf([(pen) => {
            pen.lines(
              ["A paragraph stands above the table, and says what will be found in it by those who read on."],
              60
            )
            const [xs, ys] = [[60, 160, 260, 360], [100, 120, 140, 170]]
            for (const y of ys) pen.rule([60, y], [360, y])
            for (const x of xs) pen.rule([x, x === 260 ? 120 : 100], [x, 170])
            pen.line("Type", 114, { x: 64 })
            pen.line("Sizes of the parts in mm", 114, { x: 190 })
            for (const [at, text] of ["Valve", "Bore", "Stroke"].entries()) pen.line(text, 134, { x: 64 + 100 * at })
            pen.lines(["The large", "one"], 152, 64)
            pen.line("10", 152, { x: 164 })
            pen.line("12", 152, { x: 264 })
            turn(pen.page, angle)
          }])
        )
        const tables = wordsAt(parsed, "table")
        assert.deepStrictEqual(tables.map(({ rows }) => rows), [[
          ["Type", "Sizes of the parts in mm", ""],
          ["Valve", "Bore", "Stroke"],
          ["The large one", "10", "12"]
        ]])
        assert.strictEqual(parsed.elements.length, 2)
      }))
  }

  it.effect("parts rows of a table by their words where lines are drawn between its columns alone", () =>
    Effect.gen(function*() {
      const parsed = yield* parsePdf(() =>
        drawPdf([(pen) => {
          for (const y of [100, 120, 200]) pen.rule([60, y], [360, y])
          for (const x of [60, 210, 360]) pen.rule([x, 100], [x, 200])
          for (const [at, row] of [["Name", "Price"], ["Oil", "12"], ["Belt", "30"], ["Seal", "4"]].entries()) {
            row.forEach((text, column) => pen.line(text, 115 + 20 * at, { x: 70 + 150 * column }))
          }
        }])
      )
      assert.deepStrictEqual(parsed.elements.map(({ rows }) => rows), [
        [["Name", "Price"], ["Oil", "12"], ["Belt", "30"], ["Seal", "4"]]
      ])
    }))

  it.effect("gives pictures with the caption next to them, but no letterhead and no ornament", () =>
    Effect.gen(function*() {
      const colours = (width: number, height: number, blue: number) =>
        toPng({
          kind: "rgb",
          width,
          height,
          data: new Uint8Array(3 * width * height).map((_, at) => at % 3 === 2 ? blue : at)
        })!
      const parsed = yield* parsePdf(() =>
        drawPdf([1, 2, 3].map((number) => (pen: Pen) => {
          pen.picture(colours(80, 60, 7), { x: 450, y: 20, width: 90, height: 50 })
          pen.lines([`Page ${number} says something about the picture that stands below.`], 110)
          if (number === 3) return
          pen.picture(colours(100, 80, number), { x: 60, y: 140, width: 200, height: 160 })
          pen.picture(colours(60, 60, 9), { x: 300, y: 140, width: 12, height: 12 })
          if (number === 2) pen.line("Figure 7: The pump and its valve", 315)
          pen.lines(["Text goes on below the picture, as it does in books and in manuals."], 350)
        }))
      )
      assert.deepStrictEqual(outline(parsed), [
        "paragraph: Page 1 says something about the picture that stands below.",
        "image: Picture on page 1",
        "paragraph: Text goes on below the picture, as it does in books and in manuals.",
        "paragraph: Page 2 says something about the picture that stands below.",
        "image: Figure 7: The pump and its valve",
        "paragraph: Text goes on below the picture, as it does in books and in manuals.",
        "paragraph: Page 3 says something about the picture that stands below."
      ])
      // The very pixels, as they were put in.
      assert.deepStrictEqual(
        parsed.assets.map(({ bytes }) => bytes),
        [colours(100, 80, 1), colours(100, 80, 2)].map(Buffer.from)
      )
      assert.deepStrictEqual(
        parsed.elements.map(({ assets }) => assets?.[0]?.hash),
        [
          undefined,
          hashOf(colours(100, 80, 1)),
          undefined,
          undefined,
          hashOf(colours(100, 80, 2)),
          undefined,
          undefined
        ]
      )
    }))

  it.effect("hands out the files that are attached to the document, and those that are pinned to a page", () =>
    Effect.gen(function*() {
      const parsed = yield* parsePdf(() =>
        drawPdf([({ line, page }) => {
          line("The first page has a file pinned to it.", 100)
          const { context } = page.doc
          const pinned = context.register(context.flateStream("pinned words"))
          const note = context.obj({
            Type: "Annot",
            Subtype: "FileAttachment",
            Rect: [60, 600, 80, 620],
            FS: context.obj({
              Type: "Filespec",
              F: PDFString.of("pinned.txt"),
              UF: PDFString.of("pinned.txt"),
              EF: { F: pinned }
            })
          })
          page.node.set(PDFName.of("Annots"), context.obj([context.register(note)]))
        }, ({ line }) => line("The last page has nothing.", 100)], (document) =>
          void document.attach(Buffer.from("a,b\n1,2\n"), "Zählung.csv"))
      )
      assert.deepStrictEqual(outline(parsed), [
        "paragraph: The first page has a file pinned to it.",
        "list: Attachments:\n- pinned.txt (12 B)",
        "paragraph: The last page has nothing.",
        "list: Attachments:\n- Zählung.csv (8 B)"
      ])
      assert.deepStrictEqual(parsed.elements[1]!.boxes.map(({ page }) => page), [1])
      assert.deepStrictEqual(
        parsed.assets.map(({ bytes, name }) => [name, Buffer.from(bytes).toString()]),
        [["pinned.txt", "pinned words"], ["Zählung.csv", "a,b\n1,2\n"]]
      )
      assert.deepStrictEqual(parsed.elements[3]!.assets?.map(({ role }) => role), ["attachment"])
    }))

  it.effect("shows a picture that is too large to be decoded without its bytes, and says so", () =>
    Effect.gen(function*() {
      const picture =
        `<< /Type /XObject /Subtype /Image /Width 3000 /Height 2100 /ColorSpace /DeviceGray /BitsPerComponent 8 ` +
        `/Length 1 >>\nstream\n0\nendstream`
      const content = "q 300 0 0 200 60 500 cm /P Do Q BT /F 10 Tf 60 480 Td (Figure 3: A very large plan) Tj ET"
      const parsed = yield* parsePdf(() =>
        Promise.resolve(Buffer.from(writePdf([
          "<< /Type /Catalog /Pages 2 0 R >>",
          "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
          "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /XObject << /P 5 0 R >> " +
          "/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
          streamObject(content),
          picture
        ])))
      )
      assert.deepStrictEqual(outline(parsed), ["image: Figure 3: A very large plan"])
      assert.isUndefined(parsed.elements[0]!.assets)
      assert.deepStrictEqual(parsed.warnings, [{
        page: 1,
        detail: "a picture of 3000 × 2100 pixels is not shown: more than 6000000 are not decoded"
      }])
    }))

  it.effect("unpacks no more of a page than a bound, says so, and reads the other pages", () =>
    Effect.gen(function*() {
      const packed = deflateSync(Buffer.alloc(65 << 20, "0 0 m "))
      const bomb = `<< /Length ${packed.length} /Filter /FlateDecode >>\nstream\n${
        packed.toString("latin1")
      }\nendstream`
      const page = (content: number) =>
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents ${content} 0 R /Resources << ` +
        "/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
      const file = writePdf([
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>",
        page(5),
        page(6),
        bomb,
        streamObject("BT /F 10 Tf 60 480 Td (Words on another page.) Tj ET")
      ])
      const parsed = yield* parsePdf(() => Promise.resolve(Buffer.from(file, "latin1")))
      assert.deepStrictEqual(outline(parsed), ["paragraph: Words on another page."])
      assert.deepStrictEqual(parsed.warnings.map(({ page }) => page), [1])
    }))

  it.effect("says where links lead, what forms hold and what was noted, and no password", () =>
    Effect.gen(function*() {
      const parsed = yield* parsePdf(() =>
        drawPdf([({ line, page }) => {
          line("The manual and the plans can be found at the usual place.", 100)
          line("It is on https://sheaf.example/manual as well.", 160)
          const { context } = page.doc
          const over = (x: number, y: number) => [x, 800 - y - 4, x + 80, 800 - y + 10]
          const link = (y: number, uri: string) =>
            context.obj({
              Type: "Annot",
              Subtype: "Link",
              Rect: over(70, y),
              A: { S: "URI", URI: PDFString.of(uri) }
            })
          const note = context.obj({
            Type: "Annot",
            Subtype: "Text",
            Rect: over(400, 100),
            T: PDFString.of("Ada"),
            Contents: PDFString.of("Is this still so?")
          })
          page.node.set(
            PDFName.of("Annots"),
            context.obj([link(100, "https://sheaf.example/plans"), link(160, "https://sheaf.example/manual"), note])
          )
          const form = page.doc.getForm()
          const place = { x: 60, y: 500, width: 100, height: 20 }
          const name = form.createTextField("Name of the owner")
          name.setText("Grace")
          name.addToPage(page, place)
          form.createTextField("Year").addToPage(page, { ...place, y: 460 })
          const secret = form.createTextField("Secret")
          secret.enablePassword()
          secret.setText("hunter2")
          secret.addToPage(page, { ...place, y: 420 })
          const box = form.createCheckBox("In use")
          box.addToPage(page, { ...place, y: 380 })
          box.check()
        }])
      )
      assert.deepStrictEqual(outline(parsed), [
        "paragraph: The manual and the plans can be found at the usual place. (https://sheaf.example/plans)",
        "paragraph: It is on https://sheaf.example/manual as well.",
        "paragraph: Note by Ada: Is this still so?",
        "list: Name of the owner: Grace\nYear:\nIn use: yes"
      ])
    }))

  it.effect("calls a picture without a caption what its author does", () =>
    Effect.gen(function*() {
      const content = "/Figure << /MCID 0 >> BDC q 200 0 0 200 60 500 cm /I Do Q EMC"
      const parsed = yield* parseContent(
        writePdf([
          "<< /Type /Catalog /Pages 2 0 R /StructTreeRoot 5 0 R /MarkInfo << /Marked true >> >>",
          "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
          "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /StructParents 0 /Resources << /XObject << /I 8 0 R >> >> >>",
          streamObject(content),
          "<< /Type /StructTreeRoot /K [6 0 R] /ParentTree 7 0 R >>",
          "<< /Type /StructElem /S /Figure /P 5 0 R /Pg 3 0 R /K 0 /Alt (Two valves and a seal) >>",
          "<< /Nums [0 [6 0 R]] >>",
          `<< /Type /XObject /Subtype /Image /Width 64 /Height 64 /BitsPerComponent 8 /ColorSpace /DeviceGray /Length 4096 >>\nstream\n${
            "ab".repeat(2_048)
          }\nendstream`
        ]),
        "a.pdf"
      )
      assert.deepStrictEqual(outline(parsed), ["image: Two valves and a seal"])
    }))

  it.effect("puts the large letter that a paragraph begins with in front of its first line", () =>
    Effect.gen(function*() {
      const parsed = yield* parsePdf(() =>
        drawPdf([(pen) => {
          pen.line("O", 121, { size: 30 })
          pen.lines(
            [
              "ver the past three decades the pressure of the water in such wells",
              "has fallen, and nobody knows the reason, and nobody looks for it,"
            ],
            106,
            85
          )
          pen.lines(["though those who look after them say that it began in the dry summers of those years."], 134)
        }])
      )
      assert.deepStrictEqual(outline(parsed), [
        "paragraph: Over the past three decades the pressure of the water in such wells has fallen, and nobody knows the reason, and nobody looks for it, " +
        "though those who look after them say that it began in the dry summers of those years."
      ])
    }))

  it.effect("puts a title of two lines together, and drops what journals and sites print on every page", () =>
    Effect.gen(function*() {
      const parsed = yield* parsePdf(() =>
        drawPdf([(pen) => {
          pen.line("Downloaded from https://sheaf.example on a Monday", 20, { size: 8 })
          pen.line("Handling of pumps in small", 90, { size: 18, font: "bold" })
          pen.line("and middle-sized workshops", 112, { size: 18, font: "bold" })
          pen.lines(
            ["The pump moves water from the well to the tank, and it must be filled before its first start."],
            150
          )
          pen.line("Journal of Pumps | March 2014 | Volume 8 | Issue 3", 780, { size: 8 })
        }])
      )
      assert.deepStrictEqual(outline(parsed), [
        "title1: Handling of pumps in small and middle-sized workshops",
        "paragraph: The pump moves water from the well to the tank, and it must be filled before its first start."
      ])
    }))

  it.effect("gives footnotes behind the page they stand on, and the paragraph that they interrupt in one", () =>
    Effect.gen(function*() {
      const bytes = yield* Effect.promise(() =>
        drawPdf([
          (pen) => {
            pen.lines(["The seals age, and that is known to all who have looked after such pumps before."], 100)
            pen.lines(["The pump, which nobody has looked after for a long time, must be"], 660)
            pen.line("1 As told by those who did.", 720, { size: 7 })
            pen.line("Others say that it was longer.", 730, { size: 7 })
          },
          (pen) =>
            pen.lines([
              "cleaned before it is filled.",
              "",
              "Then it can be started, and will run until somebody stops it."
            ], 100)
        ])
      )
      const expected = [
        "paragraph: The seals age, and that is known to all who have looked after such pumps before.",
        "paragraph: The pump, which nobody has looked after for a long time, must be cleaned before it is filled.",
        "paragraph: 1 As told by those who did. Others say that it was longer.",
        "paragraph: Then it can be started, and will run until somebody stops it."
      ]
      assert.deepStrictEqual(outline(yield* parseContent(bytes, "a.pdf")), expected)
    }))

  it.effect("takes a frame around text for no table", () =>
    Effect.gen(function*() {
      const parsed = yield* parsePdf(() =>
        drawPdf([(pen) => {
          for (const y of [80, 160]) pen.rule([50, y], [400, y])
          for (const x of [50, 400]) pen.rule([x, 80], [x, 160])
          pen.lines(["A warning in a frame is text like any other."], 110)
        }])
      )
      assert.deepStrictEqual(outline(parsed), ["paragraph: A warning in a frame is text like any other."])
    }))
})
