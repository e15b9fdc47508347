import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { parseContent } from "../testFile.ts"
import { toPng } from "./content/png.ts"
import { drawPdf, type Pen } from "./testPdf.ts"

const textOf = (draw: (pen: Pen) => void) =>
  Effect.promise(() => drawPdf([draw])).pipe(
    Effect.flatMap((bytes) => parseContent(bytes, "a.pdf")),
    Effect.map(({ elements }) => elements.map(({ text }) => text))
  )

describe("text of a PDF that is printed twice", () => {
  it.effect("is said once where it is moved a little, for bold letters or a shadow", () =>
    Effect.gen(function*() {
      const texts = yield* textOf((pen) => {
        for (const moved of [0, 0.4, 0.8]) pen.line("Warranty and repair", 100 + moved, { x: 60 + moved, size: 14 })
        pen.line("A bell was rung: all in all, little was lost.", 140)
      })
      assert.deepStrictEqual(texts, ["Warranty and repair", "A bell was rung: all in all, little was lost."])
    }))

  it.effect("is said once where one of the two lacks marks, or only ends are printed again", () =>
    Effect.gen(function*() {
      const texts = yield* textOf((pen) => {
        pen.line("K2", 100)
        pen.line("K2-1901 is the name of it", 100)
        const width = (text: string) => pen.widthOf(text)
        pen.line("The year 2012", 140)
        pen.line("2012 has days", 140, { x: 60 + width("The year ") })
        pen.line("days", 140, { x: 60 + width("The year 2012 has ") })
      })
      assert.deepStrictEqual(texts, ["K2-1901 is the name of it", "The year 2012 has days"])
    }))
})

describe("accents of a PDF that stand by themselves", () => {
  /** An accent, and what it stands over, drawn from one place. */
  const over = (pen: Pen, accent: string, text: string, { before = "", raised = 0, y = 100 }) => {
    const x = 60 + pen.widthOf(before)
    pen.line(before, y)
    pen.line(accent, y - raised, { x })
    pen.line(text, y, { x })
  }

  it.effect("go with the letter that they stand over", () =>
    Effect.gen(function*() {
      const texts = yield* textOf((pen) => {
        over(pen, "´", "e est ouvert", { before: "Le caf" })
        over(pen, "´", "Etudes sur le temps", { raised: 2, y: 140 })
        over(pen, "¨", "ubrig ist nichts", { before: "Was hier ", y: 180 })
      })
      assert.deepStrictEqual(texts, ["Le café est ouvert", "Études sur le temps", "Was hier übrig ist nichts"])
    }))

  it.effect("stay where they stand beside a letter, or over one that has none", () =>
    Effect.gen(function*() {
      const texts = yield* textOf((pen) => {
        pen.line("The mark ´ is put before e", 100)
        over(pen, "¨", "k is no letter", { before: "This ", y: 140 })
      })
      assert.deepStrictEqual(texts, ["The mark ´ is put before e", "This ¨k is no letter"])
    }))
})

it.effect("quotes of two signs each are one sign of a PDF's text", () =>
  Effect.gen(function*() {
    const texts = yield* textOf((pen) => pen.line("They call it ‘‘husbandry’’, and it’s old.", 100))
    assert.deepStrictEqual(texts, ["They call it “husbandry”, and it’s old."])
  }))

describe("the order of text on a page of a PDF", () => {
  it.effect("is by columns above each other, where columns above and below are of other widths", () =>
    Effect.gen(function*() {
      const column = (name: string, count: number, words: string) =>
        Array.from({ length: count }, (_, at) => `${name}${at + 1} ${words}`)
      const [short, wide] = [
        "has words enough for a column of its own",
        "and goes on and on over the rest of the whole page in lines that are long"
      ]
      const texts = yield* textOf((pen) => {
        pen.lines(column("a", 5, short), 100, 60)
        pen.lines(column("b", 5, short), 100, 320)
        pen.lines(column("c", 20, "stands aside"), 220, 60)
        pen.lines(column("d", 20, wide), 220, 180)
      })
      const firsts = [...texts.join("\n").matchAll(/([abcd])\d+/g)].map(([, name]) => name).join("")
      assert.strictEqual(firsts, `${"a".repeat(5)}${"b".repeat(5)}${"c".repeat(20)}${"d".repeat(20)}`)
    }))

  it.effect("keeps paragraphs of a recognised scan whole, whose lines have the sizes that chance gives them", () =>
    Effect.gen(function*() {
      const white = toPng({ kind: "rgb", width: 60, height: 80, data: new Uint8Array(3 * 60 * 80).fill(255) })!
      const line = (at: number) => `line ${at} of a page that somebody has scanned and has had read,`
      const sizes = [10, 11.5, 9, 8.6, 11.4, 10.2, 9.1, 11]
      const texts = yield* textOf((pen) => {
        pen.picture(white, { x: 0, y: 0, width: 600, height: 800 })
        for (const [at, size] of sizes.entries()) pen.line(line(at), 100 + 14 * at, { size })
      })
      assert.deepStrictEqual(texts, [sizes.map((_, at) => line(at)).join(" ")])
    }))
})
