import * as Adapters from "@sheaf/adapters/Adapters"
import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import type { Settings } from "@sheaf/adapters/settings"
import { Effect } from "effect"
import { Output } from "../terminal/Output.ts"
import { table } from "../terminal/table.ts"
import { count } from "../terminal/words.ts"
import { prepare } from "./Candidates.ts"
import { bestOf, floors, quality, type Scored, weights } from "./grid.ts"
import type { JudgedSet } from "./readSet.ts"

/** Tries every setting of the grid on a judged set, and prints how good each is. */
export const searchGrid = (set: JudgedSet, settings: Settings) =>
  Effect.provide(search(set), Adapters.embedder(settings))

const search = Effect.fnUntraced(function*(set: JudgedSet) {
  const { note, noteStyle, result } = yield* Output
  const { space } = yield* Embedder
  yield* note(
    `${count(set.docs.length, "text")} and ${
      count(set.queries.length, "question")
    } with ${space.provider}/${space.model}`
  )
  let told = 0
  const questions = yield* prepare(set, (done, total) => {
    const tenth = Math.floor(10 * done / total)
    if (tenth === told) return Effect.void
    told = tenth
    return note(noteStyle.dim(`  embedded ${done.toLocaleString("en-GB")} of ${count(total, "text")}`))
  })
  const grid: Array<Scored> = []
  for (const vectorWeight of weights) {
    for (const cosineFloor of floors) {
      grid.push({ vectorWeight, cosineFloor, ndcg10: quality(questions, { vectorWeight, cosineFloor }) })
    }
    // Each row takes a while; Ctrl-C wants to be heard in between.
    yield* Effect.yieldNow
  }
  const best = bestOf(grid)
  const { cosineFloor, vectorWeight } = space
  const now = { vectorWeight, cosineFloor, ndcg10: quality(questions, space) }
  yield* result({ type: "result", space: space.id, model: space.model, best, now, grid }, () => words(grid, best))
  yield* note(
    `\nNow: weight ${now.vectorWeight}, floor ${now.cosineFloor}, nDCG@10 ${now.ndcg10.toFixed(4)}.\n` +
      `Set vectorWeight: ${best.vectorWeight} and cosineFloor: ${best.cosineFloor} in the space of ${space.provider}/${space.model}.`
  )
})

const words = (grid: ReadonlyArray<Scored>, best: Scored): string => {
  const cellsOf = (weight: number) =>
    grid.filter(({ vectorWeight }) => vectorWeight === weight).map((cell) =>
      `${cell.ndcg10.toFixed(4)}${cell === best ? "*" : ""}`
    )
  const rows = weights.map((weight) => [String(weight)].concat(cellsOf(weight)))
  return table(["weight \\ floor", ...floors.map(String)], rows)
}
