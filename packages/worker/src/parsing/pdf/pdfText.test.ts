import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { parseContent } from "../testFile.ts"
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
