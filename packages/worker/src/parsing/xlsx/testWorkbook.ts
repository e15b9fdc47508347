import { packageBytes, type TestPart } from "../opc/testPackage.ts"

// For tests: workbooks.

const main =
  `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`

export interface TestSheet {
  readonly rows: string
  readonly state?: string
  readonly refers?: TestPart["refers"]
}

/** A workbook of some sheets, by their names. */
export const xlsx = (sheets: Readonly<Record<string, TestSheet>>, rest: Readonly<Record<string, TestPart>> = {}) => {
  const names = Object.entries(sheets)
  return packageBytes({
    "xl/workbook.xml": {
      type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
      content: `<workbook ${main}><sheets>${
        names.map(([name, { state }], at) =>
          `<sheet name="${name}" sheetId="${at + 1}" r:id="r${at}"${state === undefined ? "" : ` state="${state}"`}/>`
        ).join("")
      }</sheets></workbook>`,
      refers: [
        ...names.map((_, at) => [`r${at}`, "worksheet", `worksheets/sheet${at}.xml`] as const),
        ["s", "sharedStrings", "sharedStrings.xml"],
        ["t", "styles", "styles.xml"]
      ]
    },
    "xl/sharedStrings.xml": {
      content:
        `<sst ${main}><si><t>plain</t></si><si><r><t>in </t></r><r><t>runs</t></r><rPh sb="0" eb="1"><t>no</t></rPh></si></sst>`
    },
    "xl/styles.xml": {
      content:
        `<styleSheet ${main}><numFmts><numFmt numFmtId="164" formatCode="0.0&quot; kg&quot;"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="9"/><xf numFmtId="164"/></cellXfs></styleSheet>`
    },
    ...Object.fromEntries(names.map(([, { refers = [], rows }], at) => [`xl/worksheets/sheet${at}.xml`, {
      content: `<worksheet ${main}><sheetData>${rows}</sheetData></worksheet>`,
      refers
    }])),
    ...rest
  })
}

const letters = (column: number): string =>
  column < 26 ? String.fromCharCode(65 + column) : letters(Math.floor(column / 26) - 1) + letters(column % 26)

/** Rows from `from` on; empty texts are cells that are not there. */
export const grid = (rows: ReadonlyArray<ReadonlyArray<string | number>>, from = 1, column = 0): string =>
  rows.map((row, at) =>
    `<row r="${from + at}">${
      row.map((value, place) => {
        const reference = `${letters(column + place)}${from + at}`
        if (value === "") return ""
        return typeof value === "number"
          ? `<c r="${reference}"><v>${value}</v></c>`
          : `<c r="${reference}" t="inlineStr"><is><t>${value}</t></is></c>`
      }).join("")
    }</row>`
  ).join("")
