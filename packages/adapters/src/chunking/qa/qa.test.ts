import type { ChunkingSettings } from "@sheaf/domain/datasets/Dataset"
import type { Element } from "@sheaf/domain/documents/Element"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { paragraph, segmentsOf, tableOf, title } from "../../../../../test/support/chunking.ts"

const read = Effect.fnUntraced(function*(
  elements: ReadonlyArray<Element>,
  more: Partial<Extract<ChunkingSettings, { readonly method: "qa" }>> = {},
  limit = 512
) {
  const warnings: Array<string> = []
  const settings = { method: "qa" as const, ...more }
  const drafts = yield* segmentsOf(elements, { settings, limit, warn: (detail) => void warnings.push(detail) })
  const pairs = drafts.flatMap(({ family, text }, at) =>
    family === "child" ? [[text, drafts[at - 1]!.text] as const] : []
  )
  return { drafts, pairs, warnings }
})

describe("qa", () => {
  it.effect("takes pairs from the columns that are called so, wherever they stand", () =>
    Effect.gen(function*() {
      const { pairs, warnings } = yield* read([
        tableOf([["id", "Answer", " QUESTION "], ["1", "Blue.", "What colour?"], ["2", "", "How many?"], ["", "", ""], [
          "3",
          "Lost.",
          ""
        ]])
      ])
      assert.deepStrictEqual(pairs, [["What colour?", "Blue."]])
      assert.deepStrictEqual(warnings, [
        "row 3: has no answer, and was left out",
        "row 5: has no question, and was left out"
      ])
    }))

  it.effect("goes on with a table that comes in parts, by its number of rows", () =>
    Effect.gen(function*() {
      const header = ["question", "answer"]
      const { pairs, warnings } = yield* read([
        tableOf([header, ["a?", "A"], ["b?", "B"]]),
        tableOf([header, ["c?", "C"], ["d?", ""]])
      ])
      assert.lengthOf(pairs, 3)
      assert.deepStrictEqual(warnings, ["row 5: has no answer, and was left out"])
    }))

  it.effect("finds the columns that settings name, and says which there are", () =>
    Effect.gen(function*() {
      const elements = [tableOf([["Problem", "Notes", "Fix"], ["It is loud.", "x", "Turn it down."]])]
      const named = yield* read(elements, { questionColumn: "problem", answerColumn: "Fix" })
      assert.deepStrictEqual(named.pairs, [["It is loud.", "Turn it down."]])
      const unnamed = yield* read(elements)
      assert.deepStrictEqual(unnamed.pairs, [])
      assert.include(unnamed.warnings[0], "Problem, Notes, Fix")
    }))

  it.effect("takes two columns without a header for pairs", () =>
    Effect.gen(function*() {
      const { pairs } = yield* read([tableOf([["Is it open?", "Yes."], ["Is it dear?", "No."]])])
      assert.deepStrictEqual(pairs, [["Is it open?", "Yes."], ["Is it dear?", "No."]])
    }))

  it.effect("reads Q: and A:, over lines and blocks, joined or not", () =>
    Effect.gen(function*() {
      const { drafts, pairs, warnings } = yield* read([
        title(1, "Opening"),
        paragraph("Q: When do you\nopen?\nA: At ten."),
        paragraph("On Sundays at noon."),
        paragraph("Q2: And close? A2: At six."),
        paragraph("Frage: Wo? Antwort: Hier."),
        paragraph("Q: Nobody knows?")
      ])
      assert.deepStrictEqual(pairs, [
        ["When do you\nopen?", "At ten.\n\nOn Sundays at noon."],
        ["And close?", "At six."],
        ["Wo?", "Hier."]
      ])
      assert.deepStrictEqual(drafts.map(({ headingPath }) => headingPath.join()), drafts.map(() => "Opening"))
      assert.deepStrictEqual(warnings, ["pair 4: has no answer, and was left out"])
    }))

  it.effect("takes titles for questions and what stands under them for answers", () =>
    Effect.gen(function*() {
      const { drafts, pairs, warnings } = yield* read([
        paragraph("Welcome."),
        title(1, "Help"),
        title(2, "How do I log in?"),
        paragraph("With your key."),
        { kind: "code", text: "Q: is no mark in code", boxes: [] },
        title(2, "How do I leave?"),
        paragraph("You cannot.")
      ])
      assert.deepStrictEqual(pairs, [
        ["How do I log in?", "With your key.\n\nQ: is no mark in code"],
        ["How do I leave?", "You cannot."]
      ])
      assert.deepStrictEqual(drafts[1]?.headingPath, ["Help"])
      assert.deepStrictEqual(warnings, ["1 blocks stand under no question, and were left out"])
    }))

  it.effect("leaves out what is too long, and says how long it is", () =>
    Effect.gen(function*() {
      const long = "word ".repeat(60).trim()
      const { pairs, warnings } = yield* read(
        [tableOf([["question", "answer"], [long, "short"], ["short?", long], ["fine?", "fine"]])],
        { maxTokens: 32 },
        32
      )
      assert.deepStrictEqual(pairs, [["fine?", "fine"]])
      assert.deepStrictEqual(warnings, [
        "row 2: the question has 62 tokens, and may have 32, and was left out",
        "row 3: the answer has 62 tokens, and may have 32, and was left out"
      ])
    }))

  it.effect.prop("has a pair or a warning for every row", {
    rows: Schema.Array(Schema.Tuple([
      Schema.Literals(["", " ", "what?", "漢字？"]),
      Schema.Literals(["", "\n", "that", "👩‍🚀"])
    ])).check(Schema.isMaxLength(20))
  }, ({ rows }) =>
    Effect.gen(function*() {
      const { pairs, warnings } = yield* read([tableOf([["q", "a"], ...rows])])
      const filled = rows.filter((row) => row.some((cell) => cell.trim() !== ""))
      assert.strictEqual(pairs.length + warnings.length, filled.length)
    }))
})
