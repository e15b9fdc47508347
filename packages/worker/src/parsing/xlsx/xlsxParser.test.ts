import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { somePicture } from "../opc/testPackage.ts"
import { outline, parseContent } from "../testFile.ts"
import { grid, xlsx } from "./testWorkbook.ts"

const read = (rows: string) => parseContent(xlsx({ Data: { rows } }), "a.xlsx")

describe("xlsxParser", () => {
  it.effect("shows values as the program does, and formulas by what they came to", () =>
    Effect.gen(function*() {
      const parsed = yield* read(
        `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>` +
          `<row r="2"><c r="A2" s="1"><v>45366</v></c><c r="B2" s="2"><f>A1/2</f><v>0.125</v></c></row>` +
          `<row r="3"><c r="A3" s="3"><v>2</v></c><c r="B3" t="str"><f>"x"</f><v>x &amp; y</v></c></row>` +
          `<row><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c></row>` +
          `<row><c t="d"><v>2024-03-15T10:30:00</v></c><c t="s"><v>77</v></c></row>`
      )
      assert.deepStrictEqual(parsed.elements[1]!.rows, [
        ["plain", "in runs"],
        ["2024-03-15", "13%"],
        ["2.0 kg", "x & y"],
        ["TRUE", "#N/A"],
        ["2024-03-15 10:30:00", ""]
      ])
    }))

  it.effect("parts tables at empty rows, and at empty columns where both sides are tables", () =>
    Effect.gen(function*() {
      const parsed = yield* read(
        grid([["A report"]]) + grid([["Name", "Size", "", "Town", "Country"], ["a", 1, "", "x", "y"], ["b", 2]], 3) +
          grid([["Sums in EUR"], ["Year", "Sum", "", "Note"], [2023, 5, "", "first"], [2024, 6]], 7) +
          grid([["The end."]], 20, 4)
      )
      assert.deepStrictEqual(parsed.elements.map(({ rows, text }) => rows ?? text), [
        "Data",
        "A report",
        [["Name", "Size"], ["a", "1"], ["b", "2"]],
        [["Town", "Country"], ["x", "y"]],
        "Sums in EUR",
        [["Year", "Sum", "Note"], ["2023", "5", "first"], ["2024", "6", ""]],
        "The end."
      ])
    }))

  it.effect("finds the header above a gap, and lines above a header", () =>
    Effect.gen(function*() {
      const parsed = yield* read(
        grid([["In EUR", "", "", "2024"], ["", "North", "South", "Sum"]]) +
          grid([["Sales", 1, 2, 3], ["Costs", 1, 1, 2]], 4)
      )
      assert.deepStrictEqual(parsed.elements.map(({ rows, text }) => rows ?? text), [
        "Data",
        "In EUR 2024",
        [["", "North", "South", "Sum"], ["Sales", "1", "2", "3"], ["Costs", "1", "1", "2"]]
      ])
    }))

  it.effect("gives each part of a long table its header, and holds no more than a part", () =>
    Effect.gen(function*() {
      const rows = Array.from({ length: 3_000 }, (_, at) => [`name ${at}`, at] as const)
      const parsed = yield* read(grid([["Name", "Number"], ...rows]))
      const tables = parsed.elements.filter(({ kind }) => kind === "table")
      assert.isAbove(tables.length, 20)
      for (const table of tables) assert.deepStrictEqual(table.rows![0], ["Name", "Number"])
      assert.deepStrictEqual(
        tables.flatMap((table) => table.rows!.slice(1)),
        rows.map(([name, at]) => [name, String(at)])
      )
    }))

  it.effect("reads sheets in their order, leaves hidden ones out, and says so", () =>
    Effect.gen(function*() {
      const cell = (text: string) => ({ rows: grid([[text]]) })
      const parsed = yield* parseContent(
        xlsx({
          Second: cell("b"),
          Secret: { ...cell("no"), state: "veryHidden" },
          Empty: { rows: `<row r="5"><c r="A5" s="1"/></row>` },
          First: { rows: `<row r="1" hidden="1"><c r="A1" t="inlineStr"><is><t>filtered</t></is></c></row>` }
        }),
        "a.xlsx"
      )
      assert.deepStrictEqual(outline(parsed), [
        "title1: Second",
        "paragraph: b",
        "title1: First",
        "paragraph: filtered"
      ])
      assert.match(parsed.warnings[0]!.detail, /hidden sheet Secret/)
    }))

  it.effect("is not impressed by dimensions", () =>
    Effect.gen(function*() {
      const cell = (reference: string) => `<c r="${reference}" t="inlineStr"><is><t>${reference}</t></is></c>`
      const parsed = yield* read(
        `<row r="1">${cell("A1")}${cell("XFD1")}${cell("ZZZ1")}</row><row r="1048576">${cell("XFD1048576")}</row>` +
          `<row r="99999999">${cell("A99999999")}</row><row r="2">${cell("B2")}</row>`
      )
      const texts = parsed.elements.map(({ text }) => text).join("\n")
      for (const reference of ["A1", "XFD1", "XFD1048576", "A99999999", "B2"]) assert.include(texts, reference)
      assert.isBelow(texts.length, 200)
    }))

  it.effect("reads what is drawn over a sheet", () =>
    Effect.gen(function*() {
      const drawing = `<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" ` +
        `xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">` +
        `<xdr:sp><xdr:txBody><a:p><a:r><a:t>in a box</a:t></a:r></a:p></xdr:txBody></xdr:sp>` +
        `<xdr:pic><xdr:nvPicPr><xdr:cNvPr descr="A pump cut open"/></xdr:nvPicPr><xdr:blipFill><a:blip r:embed="i"/></xdr:blipFill></xdr:pic>` +
        `<xdr:graphicFrame><c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" r:id="c"/></xdr:graphicFrame></xdr:wsDr>`
      const chart = `<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"><c:ser>` +
        `<c:tx><c:v>Sales</c:v></c:tx><c:cat><c:pt idx="0"><c:v>Q1</c:v></c:pt></c:cat><c:val><c:pt idx="0"><c:v>7</c:v></c:pt></c:val></c:ser></c:chartSpace>`
      const parsed = yield* parseContent(
        xlsx({ Data: { rows: "", refers: [["d", "drawing", "../drawings/d.xml"]] } }, {
          "xl/drawings/d.xml": {
            content: drawing,
            refers: [["i", "image", "../media/i.png"], ["c", "chart", "../charts/c.xml"]]
          },
          "xl/media/i.png": { content: somePicture },
          "xl/charts/c.xml": { content: chart }
        }),
        "a.xlsx"
      )
      assert.deepStrictEqual(outline(parsed), [
        "title1: Data",
        "paragraph: in a box",
        "image: A pump cut open",
        "paragraph: Sales: Q1 7"
      ])
      assert.strictEqual(parsed.assets.length, 1)
    }))
})
