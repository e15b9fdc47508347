import { assert, describe, it } from "@effect/vitest"
import { importFields } from "@sheaf/domain/imports/fields"
import type { ImportReading } from "@sheaf/domain/imports/Import"
import { Effect } from "effect"
import iconv from "iconv-lite"
import { detect } from "../detect/detect.ts"
import { ParseFailure } from "../Parser.ts"
import { temporaryFile } from "../testFile.ts"
import { grid, xlsx } from "../xlsx/testWorkbook.ts"
import { fileRows } from "./fileRows.ts"

/** The rows of a file as `number: value | value`, or what it lacks, or why it gives none. */
const read = Effect.fnUntraced(function*(content: string | Uint8Array, name: string, reading: ImportReading = {}) {
  const path = yield* temporaryFile(content)
  return yield* Effect.promise(async () => {
    const said: Array<string> = []
    try {
      const mediaType = await detect(path, name)
      for await (const part of fileRows({ path, name, mediaType, fields: importFields.annotations, reading })) {
        if ("row" in part) {
          const { number, problem, values } = part.row
          said.push(`${number}: ${problem ?? values.map((value) => value ?? "-").join(" | ")}`)
        } else if (part.columns.missing !== null) {
          said.push(`no ${part.columns.missing} in ${part.columns.names.join(", ")}`)
        }
      }
    } catch (error) {
      said.push(error instanceof ParseFailure ? JSON.stringify(error.failure) : String(error))
    }
    return said
  })
})

const cases: ReadonlyArray<
  readonly [
    what: string,
    content: string | Uint8Array,
    name: string,
    rows: ReadonlyArray<string>,
    reading?: ImportReading
  ]
> = [
  ["a CSV with a header", "Question,Answer\nWhy?,Because.\n", "a.csv", ["2: Why? | Because."]],
  ["columns in another order, and others", "id;ANSWER;note; question \n1;No;x;May I?\n", "a.csv", ["2: May I? | No"]],
  ["a CSV without a header", "Why?,Because.\nMay I?,No.\n", "a.csv", ["1: Why? | Because.", "2: May I? | No."]],
  ["no header where somebody says so", "question,answer,x\n", "a.csv", ["1: question | answer"], { header: false }],
  ["quoted line feeds", "question,answer\n\"Why\nso?\",\"a \"\"b\"\"\"\n", "a.csv", ["2: Why\nso? | a \"b\""]],
  ["a mark of byte order", "\ufeffquestion,answer\nWhy?,So.\n", "a.csv", ["2: Why? | So."]],
  ["another character set", iconv.encode("Question;Answer\nWie groß?;Größe 3, früher 4.\n", "latin1"), "a.csv", [
    "2: Wie groß? | Größe 3, früher 4."
  ]],
  ["tabs", "question\tanswer\nWhy?\tSo, and so.\n", "a.tsv", ["2: Why? | So, and so."]],
  ["a delimiter that nobody guesses", "question~answer\nWhy?~So.\n", "a.csv", ["2: Why? | So."], { delimiter: "~" }],
  ["names that somebody gives", "Frage,Antwort\nWarum?,Darum.\n", "a.csv", ["2: Warum? | Darum."], {
    columns: { question: "frage", answer: "Antwort" }
  }],
  [
    "no rows below a header whose names nobody knows",
    "Frage;Antwort\nWarum?;Darum.\nWer?;Wir alle hier.\n",
    "a.csv",
    ["no question in Frage, Antwort"]
  ],
  ["such a header as a row where somebody says so", "Frage,Antwort\nWarum?,Darum.\n", "a.csv", [
    "1: Frage | Antwort",
    "2: Warum? | Darum."
  ], { header: false }],
  ["short rows that all look alike as rows", "vpn,portal\nmail,outlook\nprinter,third floor\n", "a.csv", [
    "1: vpn | portal",
    "2: mail | outlook",
    "3: printer | third floor"
  ]],
  ["rows with too few cells", "question,answer\nWhy?\n,\nMay I?,No\n", "a.csv", ["2: Why? | -", "4: May I? | No"]],
  ["a header alone", "question,answer\n", "a.csv", []],
  ["a table without questions", "id,name,price\n1,Pump,3\n", "a.csv", ["no question in id, name, price"]],
  ["one column", "question\nWhy?\n", "a.csv", ["no answer in question"]],
  ["a quote that nobody closes", "question,answer\nWhy?,\"So\nMay I?,No\n", "a.csv", [
    JSON.stringify({ _tag: "Corrupt", detail: "the quote in line 2 is never closed" })
  ]],
  ["JSON", `[{"Question":"Why?","answer":"So"},{"question":"How many?","answer":3},{"answer":["a","b"]}]`, "a.json", [
    "1: Why? | So",
    "2: How many? | 3",
    "3: - | a, b"
  ]],
  ["JSON with what is no record", `[{"question":"Why?","answer":"So"},7,{"question":{"a":1},"answer":"b"}]`, "a.json", [
    "1: Why? | So",
    "2: it is no object with named values",
    "3: the question is no text"
  ]],
  ["JSON that is no list", `{"question":"Why?"}`, "a.json", [
    JSON.stringify({ _tag: "Corrupt", detail: "item 1 of the JSON array: it is not one array" })
  ]],
  ["JSON without questions", `[{"name":"Pump"},{"price":3}]`, "a.json", ["no question in name, price"]],
  ["JSON Lines, one of them damaged", `{"q":"Why?","a":"So"}\n\n{"q":"May\n{"q":"May I?","a":"No"}`, "a.jsonl", [
    "1: Why? | So",
    "3: it is not JSON",
    "4: May I? | No"
  ]],
  ["what has no rows", "%PDF-1.7\n1 0 obj\n%%EOF", "a.csv", [
    JSON.stringify({ _tag: "Unsupported", detectedType: "application/pdf" })
  ]],
  ["nothing", "", "a.csv", [JSON.stringify({ _tag: "Empty" })]]
]

describe("fileRows", () => {
  for (const [what, content, name, rows, reading] of cases) {
    it.effect(`reads ${what}`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* read(content, name, reading), rows)
      }))
  }

  it.effect("reads the first sheet that is shown, by the numbers of its rows", () =>
    Effect.gen(function*() {
      const rows = [["Because.", "", "Why?"], ["=1+1", "", "How many?"]]
      const bytes = xlsx({
        Hidden: { rows: grid([["question", "answer"], ["a", "b"]]), state: "hidden" },
        Empty: { rows: "" },
        Shown: { rows: grid([["Answer", "", "Question"]]) + grid(rows, 3) }
      })
      assert.deepStrictEqual(yield* read(bytes, "a.xlsx"), ["3: Why? | Because.", "4: How many? | =1+1"])
    }))

  it.effect("says how many columns there are before it reads a row", () =>
    Effect.gen(function*() {
      const wide = ["question", "answer", ...Array.from({ length: 998 }, (_, at) => `c${at}`)]
      const path = yield* temporaryFile(`${wide.join(",")}\n${wide.join(",")}\n`)
      const input = { path, name: "a.csv", mediaType: "text/csv", fields: importFields.annotations, reading: {} }
      const first = yield* Effect.promise(() => fileRows(input)[Symbol.asyncIterator]().next())
      assert.deepInclude(first.value, { columns: { names: wide.slice(0, 20), count: 1_000, missing: null } })
    }))
})
