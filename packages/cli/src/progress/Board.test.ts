import { assert, describe, it } from "@effect/vitest"
import type { DocumentProgress } from "@sheaf/domain/documents/Document"
import { CliOutput } from "effect/cli"
import * as fc from "fast-check"
import { stripVTControlCharacters } from "node:util"
import { cut, pad, printable, styleFor } from "../terminal/style.ts"
import { accepted, draw, emptyBoard, sending, settled, sums, working } from "./Board.ts"

const style = styleFor(process.stderr)
const file = (name: string) => ({ path: `/x/${name}`, name, size: 1_000 })
/** A look at a run, of which a board takes no more than this. */
const looking = (state: DocumentProgress["state"], ...stages: DocumentProgress["stages"]) =>
  ({ state, waitingFor: null, stages }) as unknown as DocumentProgress
const progress = (done: number, total: number) => looking("embedding", { stage: "embed", done, total })

describe("what a batch looks like", () => {
  it("never takes more than nine lines, nor more than the width of the terminal", () => {
    fc.assert(fc.property(
      fc.array(fc.tuple(fc.string({ unit: "grapheme", maxLength: 80 }), fc.nat(500), fc.nat(500)), { maxLength: 40 }),
      fc.integer({ min: 40, max: 200 }),
      (files, columns) => {
        const board = files.reduce(
          (board, [name, done, total]) => working(board, file(name), progress(Math.min(done, total), total)),
          emptyBoard(files.length)
        )
        const lines = draw(board, { columns, elapsedMs: 12_345, style })
        assert.isAtMost(lines.length, 9)
        for (const line of lines) {
          assert.isAtMost(CliOutput.displayWidth(stripVTControlCharacters(line)), columns, line)
          assert.notInclude(line, "\n")
        }
      }
    ))
  })

  it("counts pages and segments as they come, and none of what has no pages", () => {
    const stages = (done: number, total: number) =>
      looking("parsing", { stage: "parse", done, total }, { stage: "index", done: 5, total: 9 })
    const board = working(working(emptyBoard(2), file("a"), stages(40, 300)), file("b"), stages(1, 1))
    assert.strictEqual(sums(board, 1_000), "0/2 files · 40 pages · 10 segments · 1.0 s")
    assert.strictEqual(
      sums(settled(board, file("a"), { pages: 300, segments: 9 }), 1_000),
      "1/2 files · 300 pages · 14 segments · 1.0 s"
    )
  })

  it("counts a file once, whatever its way", () => {
    const a = file("a")
    let board = sending(emptyBoard(2), a, 500)
    board = accepted(board, a)
    assert.strictEqual(board.rows.size, 1)
    board = settled(board, a, { pages: 3, segments: 7 })
    board = settled(board, file("b"), undefined)
    assert.deepInclude(board, { finished: 2, failed: 1, pages: 3, segments: 7 })
    assert.strictEqual(board.rows.size, 0)
  })
})

describe("text on a terminal", () => {
  it("fits where it is cut or filled up, and keeps its beginning", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 60 }), (raw, columns) => {
      const text = printable(raw).replaceAll("\n", " ")
      const short = cut(text, columns)
      assert.isAtMost(CliOutput.displayWidth(short), columns)
      assert.isTrue(text.startsWith(short.replace(/…$/, "")) || short === text)
      assert.isAtLeast(CliOutput.displayWidth(pad(short, columns)), columns)
    }))
  })

  it("commands nothing", () => {
    assert.strictEqual(printable("a\u001b[31mb\u0007c\u202ed"), "ab c d")
  })
})
