import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { showOf } from "./numberFormat.ts"

const shown = (value: number, code: string, date1904 = false) => showOf(999, code, date1904)(value)

describe("showOf", () => {
  const cases: ReadonlyArray<readonly [value: number, code: string, text: string]> = [
    [0.1 + 0.2, "General", "0.3"],
    [1234567.891, "General", "1234567.891"],
    [1e21, "General", "1E+21"],
    [-5, "General", "-5"],
    [1234.5, "#,##0.00", "1,234.50"],
    [-1234.5, "#,##0.00", "-1,234.50"],
    [-0.001, "0.00", "0.00"],
    [1.005, "0.00", "1.01"],
    [0.256, "0%", "26%"],
    [0.2561, "0.0%", "25.6%"],
    [-1234, "#,##0;(#,##0)", "(1,234)"],
    [0, "0;-0;\"none\"", "none"],
    [7, "000", "007"],
    [1.5, "0.0##", "1.5"],
    [12345, "0.00E+00", "1.23E+04"],
    [1234567, "0.0,,\" m\"", "1.2 m"],
    [12, "[$€-407] #,##0.00", "€ 12.00"],
    [12, "#,##0.00\\ \"€\"", "12.00 €"],
    [12, "_-* #,##0.00\\ _€_-", "12.00"],
    [3, "0\" days; or so\"", "3 days; or so"],
    [0.3333, "# ?/?", "0.3333"],
    [45366, "m/d/yyyy", "2024-03-15"],
    [45366.5, "[$-409]dd\\-mmm\\-yy h:mm AM/PM;@", "2024-03-15 12:00"],
    [45366, "mmm-yy", "2024-03"],
    [45366, "yyyy", "2024"],
    [45366.75, "h:mm:ss", "18:00:00"],
    [1.5, "[h]:mm", "36:00"],
    [1 / 24 / 60 * 61, "mm:ss", "01:00"],
    [1, "yyyy-mm-dd", "1900-01-01"],
    [59, "yyyy-mm-dd", "1900-02-28"],
    [61, "yyyy-mm-dd", "1900-03-01"],
    [45366, "0.00 \"months\"", "45366.00 months"]
  ]
  for (const [value, code, text] of cases) {
    it(`shows ${value} as ${text} under ${code}`, () => {
      assert.strictEqual(shown(value, code), text)
    })
  }

  it("counts from 1904 where the workbook does", () => {
    assert.strictEqual(shown(0, "yyyy-mm-dd", true), "1904-01-01")
    assert.strictEqual(shown(43904, "yyyy-mm-dd", true), "2024-03-15")
  })

  it("knows the formats that have numbers only", () => {
    assert.strictEqual(showOf(14, undefined, false)(45366), "2024-03-15")
    assert.strictEqual(showOf(10, undefined, false)(0.5), "50.00%")
    assert.strictEqual(showOf(12_345, undefined, false)(0.5), "0.5")
  })

  it("agrees with the calendar on every day", () => {
    const days = fc.integer({ min: 61, max: 2_958_465 })
    fc.assert(fc.property(days, (day) => {
      const day0 = Date.parse("1899-12-30T00:00:00Z")
      const [date = ""] = shown(day, "yyyy-mm-dd").split(" ")
      assert.strictEqual(Date.parse(`${date}T00:00:00Z`), day0 + day * 86_400_000)
    }))
  })

  it("shows something for every number under every code", () => {
    const code = fc.array(
      fc.constantFrom(
        "0",
        "#",
        "?",
        ",",
        ".",
        "%",
        "E+0",
        ";",
        "\"a\"",
        "\"",
        "\\",
        "[",
        "]",
        "y",
        "m",
        "d",
        "h",
        "s",
        "_",
        "*",
        "@",
        "/",
        "-",
        " "
      )
    ).map((
      parts
    ) => parts.join(""))
    fc.assert(fc.property(code, fc.double(), (code, value) => {
      assert.isString(shown(value, code))
    }))
  })
})
