import { assert, it } from "@effect/vitest"
import { SourceUnreadable } from "@sheaf/sdk/effect"
import { fateOf, Hung } from "./fate.ts"
import { add, empty, type Outcome, rowsOf, unforeseen, unpublished } from "./Report.ts"

it("counts every file once, and names the first of each cause", () => {
  const outcomes: ReadonlyArray<Outcome> = [
    { type: "published" },
    fateOf(new SourceUnreadable({ source: "a", reason: "gone" })).outcome,
    fateOf(new Hung({ stillMs: 1 })).outcome,
    ...Array.from({ length: 7 }, () => ({ type: "failed", cause: "Corrupt" }) as const),
    { type: "failed", cause: "Empty" },
    { type: "untyped" }
  ]
  const report = outcomes.reduce((before, outcome, at) => add(before, outcome, `file ${at}`), empty)
  assert.deepStrictEqual(report, {
    files: 12,
    published: 1,
    failed: { SourceUnreadable: 1, Corrupt: 7, Empty: 1 },
    untyped: 1,
    crashed: 0,
    hung: 1,
    examples: {
      SourceUnreadable: ["file 1"],
      hung: ["file 2"],
      Corrupt: ["file 3", "file 4", "file 5", "file 6", "file 7"],
      Empty: ["file 10"],
      untyped: ["file 11"]
    }
  })
  assert.deepStrictEqual([unpublished(report), unforeseen(report)], [11, 2])
  assert.deepStrictEqual(rowsOf(report), [
    ["published", "1", ""],
    ["Corrupt", "7", "file 3, file 4, file 5, file 6, file 7"],
    ["SourceUnreadable", "1", "file 1"],
    ["Empty", "1", "file 10"],
    ["untyped", "1", "file 11"],
    ["crashed", "0", ""],
    ["hung", "1", "file 2"]
  ])
})
