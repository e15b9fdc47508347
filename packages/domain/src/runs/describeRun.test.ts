import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import * as fc from "fast-check"
import { describeRun, type RunFacts } from "./describeRun.ts"
import { Dependency, RunState, Stage } from "./Run.ts"

const at = (time: string) => DateTime.toDate(DateTime.makeUnsafe(`2026-01-01T${time}Z`))
const now = at("00:10:00")

const facts: RunFacts = {
  state: "embedding",
  paused: false,
  waitingFor: null,
  stages: [{ stage: "parse", done: 3, total: 3 }, { stage: "embed", done: 120, total: 400 }],
  cause: null,
  since: at("00:08:00")
}

describe("describeRun", () => {
  it("says how a run stands in a line", () => {
    assert.strictEqual(describeRun(facts, now), "Embedding 120 of 400 segments")
    assert.strictEqual(describeRun({ ...facts, waitingFor: "embedder" }, now), "Waiting for the embedder since 2 min")
    assert.strictEqual(describeRun({ ...facts, paused: true, waitingFor: "embedder" }, now), "Paused since 2 min")
    assert.strictEqual(describeRun({ ...facts, state: "queued" }, facts.since), "Queued")
    assert.strictEqual(
      describeRun({ ...facts, state: "failed", cause: { _tag: "Empty" } }, now),
      "Failed: There is nothing in it."
    )
    assert.strictEqual(describeRun({ ...facts, state: "published", paused: true }, now), "Published")
  })

  it("has a line for every run, whatever the clocks say", () => {
    const run = fc.record({
      state: fc.constantFrom(...RunState.literals),
      paused: fc.boolean(),
      waitingFor: fc.option(fc.constantFrom(...Dependency.literals, "toString")),
      stages: fc.array(fc.record({ stage: fc.constantFrom(...Stage.literals), done: fc.nat(), total: fc.nat() })),
      cause: fc.option(fc.constantFrom({ _tag: "NoPages" as const }, { _tag: "NoText" as const, pages: 3 })),
      since: fc.date()
    })
    fc.assert(fc.property(run, fc.date(), (facts, later) => {
      const line = describeRun(facts, later)
      assert.isAbove(line.length, 0)
      assert.notMatch(line, /undefined|NaN|null(?! )/)
    }))
  })
})
