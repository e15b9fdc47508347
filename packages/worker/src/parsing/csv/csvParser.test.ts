import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import iconv from "iconv-lite"
import { outline, parseContent, type Parsed } from "../testFile.ts"
import { delimiterOf, isHeader } from "./dialect.ts"

const parseCsv = (content: string | Uint8Array, as = "text/csv") => parseContent(content, "a.csv", { as })

const rowsOf = ({ elements }: Parsed) => elements.map(({ rows }) => rows)

const failureOf = (content: string) =>
  Effect.map(Effect.flip(parseCsv(content)), ({ failure }) => failure._tag === "TooLarge" ? failure.what : failure._tag)

describe("csvParser", () => {
  it.effect("reads cells with commas, quotes and line ends in them", () =>
    Effect.gen(function*() {
      const parsed = yield* parseCsv("\ufeffname,note\r\n\"Doe, John\",\"says \"\"hi\"\"\nand goes\"\r\nAnn,\r\n")
      assert.deepStrictEqual(outline(parsed), [
        "table: name | note\nDoe, John | says \"hi\" and goes\nAnn | "
      ])
      assert.deepStrictEqual(rowsOf(parsed), [[["name", "note"], ["Doe, John", "says \"hi\" and goes"], ["Ann", ""]]])
    }))

  it.effect("finds what separates cells, whatever character set it is in", () =>
    Effect.gen(function*() {
      const rows = [["Größe", "Preis"], ["groß", "1,50"], ["klein", "0,75"]]
      for (const separator of [";", "\t", "|", ","]) {
        const text = rows.map((row) => row.map((cell) => cell.includes(separator) ? `"${cell}"` : cell).join(separator))
        for (const charset of ["utf-8", "utf-16le", "windows-1252"]) {
          const bytes = iconv.encode(text.join("\n"), charset, { addBOM: charset !== "windows-1252" })
          assert.deepStrictEqual(rowsOf(yield* parseCsv(bytes)), [rows], `${separator} ${charset}`)
        }
      }
      assert.deepStrictEqual(rowsOf(yield* parseCsv("sep=|\na;b|c\n1;2|3")), [[["a;b", "c"], ["1;2", "3"]]])
      assert.deepStrictEqual(rowsOf(yield* parseCsv("a b\n1 2", "text/tab-separated-values")), [[["a b"], ["1 2"]]])
    }))

  it.effect("repeats the header in every part, and loses no row", () =>
    Effect.gen(function*() {
      const rows = Array.from({ length: 1_000 }, (_, at) => [String(at), `name ${at}`])
      const parsed = yield* parseCsv(["id,name", ...rows.map((row) => row.join(","))].join("\n"))
      assert.strictEqual(parsed.elements.length, 20)
      for (const part of rowsOf(parsed)) assert.deepStrictEqual(part![0], ["id", "name"])
      assert.deepStrictEqual(rowsOf(parsed).flatMap((part) => part!.slice(1)), rows)
    }))

  it.effect("believes names that several columns have, unless they stand among the cells", () =>
    Effect.gen(function*() {
      const first = (csv: string) => Effect.map(parseCsv(csv), (parsed) => rowsOf(parsed)[0]![0]!.join())
      const header = "Dose,Unit,Time,Unit,Place"
      assert.strictEqual(yield* first(`${header}\nlow,mg,noon,h,Oslo\nhigh,mg,noon,h,Bergen`), header)
      assert.strictEqual(
        yield* first("yes,no,perhaps,yes,so\nno,no,yes,no,so\nyes,no,perhaps,no,so"),
        "Column 1,Column 2,Column 3,Column 4,Column 5"
      )
    }))

  it.effect("numbers columns that have no names, and takes lines above the table for text", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(outline(yield* parseCsv("1,2\n3,4")), ["table: Column 1 | Column 2\n1 | 2\n3 | 4"])
      assert.deepStrictEqual(outline(yield* parseCsv("Sales of the year,\nShop,2024\nOslo,7")), [
        "paragraph: Sales of the year",
        "table: Shop | 2024\nOslo | 7"
      ])
    }))

  it.effect("keeps rows of any width, and says so", () =>
    Effect.gen(function*() {
      const parsed = yield* parseCsv("a,b\n1,2\n3\n4,5,6\n")
      assert.deepStrictEqual(rowsOf(parsed), [[["a", "b"], ["1", "2"], ["3", ""], ["4", "5", "6"]]])
      assert.match(parsed.warnings[0]!.detail, /^2 rows/)
    }))

  it.effect("goes on by lines behind a quote that is never closed", () =>
    Effect.gen(function*() {
      const parsed = yield* parseCsv("a,b\n1,\"x\ny\"\n2,\"oops\n3,c\n")
      assert.deepStrictEqual(rowsOf(parsed), [[["a", "b"], ["1", "x y"], ["2", "\"oops"], ["3", "c"]]])
      assert.match(parsed.warnings[0]!.detail, /line 4/)
    }))

  it.effect("cuts a wide row between columns and a long cell behind the table", () =>
    Effect.gen(function*() {
      const names = Array.from({ length: 3_000 }, (_, at) => `column ${at}`)
      const wide = rowsOf(yield* parseCsv(`${names.join(",")}\n${names.map((_, at) => at).join(",")}`))
      assert.isAbove(wide.length, 5)
      assert.deepStrictEqual(wide.flatMap((part) => part![0]), names)
      assert.deepStrictEqual(wide.flatMap((part) => part![1]), names.map((_, at) => String(at)))
      const long = yield* parseCsv(`a,b\n1,${"word ".repeat(2_000)}end\n2,x`)
      assert.deepStrictEqual(long.elements.map(({ kind }) => kind), ["table", "paragraph", "table"])
      assert.strictEqual(
        long.elements.map(({ text }) => text.match(/word/g)?.length ?? 0).reduce((a, b) => a + b),
        2_000
      )
    }))

  it.effect("refuses what is no table any more", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* failureOf("a,".repeat(20_000)), "columns")
      assert.strictEqual(yield* failureOf("a".repeat(6_000_000)), "bytes in one row of a table")
      assert.strictEqual(
        yield* failureOf(`a,b\n1,"${"x\n".repeat(10)}${"y".repeat(6_000_000)}`),
        "bytes in one row of a table"
      )
    }))
})

describe("dialect", () => {
  it("finds the delimiter that any table was written with", () => {
    const cell = fc.string({
      unit: fc.constantFrom("a", "b", " ", "1", ",", ";", "\"", "."),
      minLength: 1,
      maxLength: 8
    })
    const table = fc.tuple(fc.constantFrom(",", ";", "\t", "|"), fc.integer({ min: 2, max: 6 })).chain(([by, width]) =>
      fc.tuple(
        fc.constant(by),
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 3, maxLength: 12 })
      )
    )
    fc.assert(
      fc.property(table, ([by, rows]) => {
        // Every cell quoted: no other candidate can be mistaken for it.
        const text = rows.map((row) => row.map((value) => `"${value.replaceAll("\"", "\"\"")}"`).join(by)).join("\r\n")
        assert.strictEqual(delimiterOf(text, "?"), by)
      }),
      { numRuns: 50 }
    )
  })

  it("tells names of columns from data", () => {
    assert.isTrue(isHeader(["Shop", "2023", "2024"]))
    assert.isTrue(isHeader(["", "Number", "Square"]))
    for (
      const row of [["1", "2"], ["Oslo", "12.5"], ["a", "a"], ["2024-01-01", "x"], ["", "", "x"], ["2023", "2024"]]
    ) {
      assert.isFalse(isHeader(row), row.join())
    }
  })
})
