import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { parseContent } from "../testFile.ts"
import { drawPdf, type Pen } from "./testPdf.ts"

const tablesOf = (draw: (pen: Pen) => void) =>
  Effect.promise(() => drawPdf([draw])).pipe(
    Effect.flatMap((bytes) => parseContent(bytes, "a.pdf")),
    Effect.map(({ elements }) => elements.flatMap(({ rows }) => rows === undefined ? [] : [rows]))
  )

/** Lines of a grid. */
const grid = (pen: Pen, xs: ReadonlyArray<number>, ys: ReadonlyArray<number>) => {
  for (const y of ys) pen.rule([xs[0]!, y], [xs.at(-1)!, y])
  for (const x of xs) pen.rule([x, ys[0]!], [x, ys.at(-1)!])
}

describe("tables of a PDF", () => {
  it.effect("have the labels of rows that stand outside of the lines", () =>
    Effect.gen(function*() {
      const labels = ["Salaries", "Travel", "Rent", "Telephone", "All of it"]
      const tables = yield* tablesOf((pen) => {
        grid(pen, [200, 260, 320], [100, 120, 140, 160, 180, 200])
        for (const [at, label] of labels.entries()) {
          pen.line(label, 114 + 20 * at, { x: 60 })
          pen.line(`${at}10`, 114 + 20 * at, { x: 210 })
          pen.line(`${at}20`, 114 + 20 * at, { x: 270 })
        }
      })
      assert.deepStrictEqual(tables, [labels.map((label, at) => [label, `${at}10`, `${at}20`])])
    }))

  it.effect("have no text beside them that goes on in lines of its own", () =>
    Effect.gen(function*() {
      const tables = yield* tablesOf((pen) => {
        grid(pen, [300, 360, 420], [100, 120, 140, 160, 180, 200])
        for (let at = 0; at < 5; at++) {
          pen.line(`${at}10`, 114 + 20 * at, { x: 310 })
          pen.line(`${at}20`, 114 + 20 * at, { x: 370 })
        }
        pen.lines(Array.from({ length: 8 }, (_, at) => `Line ${at} of a paragraph to the left.`), 107, 60)
      })
      assert.deepStrictEqual(tables, [Array.from({ length: 5 }, (_, at) => [`${at}10`, `${at}20`])])
    }))

  it.effect("have a row for each line where lines are drawn around groups of rows", () =>
    Effect.gen(function*() {
      const xs = [60, 140, 220, 300, 380]
      const tables = yield* tablesOf((pen) => {
        grid(pen, xs, [100, 120, 170, 220, 270, 320])
        for (const [column, x] of xs.slice(0, 4).entries()) {
          pen.line(`Head ${column}`, 114, { x: x + 4 })
          for (let row = 0; row < 12; row++) {
            pen.line(`${row}/${column}`, 132 + 50 * Math.floor(row / 3) + 14 * (row % 3), { x: x + 4 })
          }
        }
      })
      const cells = (name: (column: number) => string) => [0, 1, 2, 3].map(name)
      assert.deepStrictEqual(tables, [[
        cells((column) => `Head ${column}`),
        ...Array.from({ length: 12 }, (_, row) => cells((column) => `${row}/${column}`))
      ]])
    }))

  it.effect("keep a text of several lines in one cell where the others have one line each", () =>
    Effect.gen(function*() {
      const xs = [60, 160, 260, 360, 460]
      const tables = yield* tablesOf((pen) => {
        grid(pen, xs, [100, 150, 200, 250, 300, 350])
        for (let row = 0; row < 5; row++) {
          pen.lines(["A name that", "takes up", "three lines"], 112 + 50 * row, 64)
          for (const x of xs.slice(1, 4)) pen.line(`${row}`, 112 + 50 * row, { x: x + 4 })
        }
      })
      const row = (at: number) => ["A name that takes up three lines", `${at}`, `${at}`, `${at}`]
      assert.deepStrictEqual(tables, [[0, 1, 2, 3, 4].map(row)])
    }))

  it.effect("part columns that no lines part, though headings stand across them", () =>
    Effect.gen(function*() {
      const tables = yield* tablesOf((pen) => {
        const ys = Array.from({ length: 13 }, (_, at) => 100 + 20 * at)
        grid(pen, [60, 160, 360], ys)
        pen.line("Year", 114, { x: 64 })
        // It begins where the first column ends, and ends in the middle of the second.
        pen.line("Sold here and abroad", 114, { x: 190 })
        for (let row = 0; row < 11; row++) {
          pen.line(`${2_000 + row}`, 134 + 20 * row, { x: 64 })
          pen.line(`${row},500`, 134 + 20 * row, { x: 170 })
          pen.line(`${row},900`, 134 + 20 * row, { x: 260 })
        }
      })
      assert.deepStrictEqual(
        tables[0]!.slice(1),
        Array.from({ length: 11 }, (_, row) => [`${2_000 + row}`, `${row},500`, `${row},900`])
      )
    }))

  it.effect("have cells of several lines where nothing is drawn, to the end of the last one", () =>
    Effect.gen(function*() {
      const tables = yield* tablesOf((pen) => {
        const row = (first: string, second: string, y: number) => {
          pen.line(first, y)
          pen.line(second, y, { x: 260 })
        }
        row("Animal", "Says", 100)
        row("Cat", "Meow", 124)
        row("A heron that", "nothing", 148)
        pen.line("stands still", 161)
        row("Fox", "Ring-ding", 185)
        pen.line("and so on for", 198, { x: 260 })
        pen.line("a long time", 211, { x: 260 })
        pen.lines(["A paragraph stands below the table, as far from it as its rows are from each other."], 235)
      })
      assert.deepStrictEqual(tables, [[
        ["Animal", "Says"],
        ["Cat", "Meow"],
        ["A heron that stands still", "nothing"],
        ["Fox", "Ring-ding and so on for a long time"]
      ]])
    }))
})
