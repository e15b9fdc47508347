import { Effect, Random } from "effect"

/** Rows of one transaction, by what is done with them. */
const pages = { read: 500, applied: 200, indexed: 256 }

const phases = ["before-commit", "after-commit"] as const

/**
 * Where processes die, one after the other: while rows are read, carried out, and indexed, early or late in what may be left for each. What a
 * life does is counted anew.
 */
export const deathsOf = Effect.fnUntraced(function*(rows: number, kills: number) {
  const most = {
    ImportRows: Math.ceil(rows / pages.read) + Math.ceil(rows / pages.applied),
    IndexAnnotations: Math.ceil(rows / pages.indexed)
  }
  return yield* Effect.forEach(Array.from({ length: kills }, (_, at) => at), (at) =>
    Effect.gen(function*() {
      // The last third is for what is left when all rows are carried out.
      const stage = at < Math.ceil(kills * 2 / 3) ? "ImportRows" : "IndexAnnotations"
      const number = yield* Random.nextIntBetween(1, Math.max(2, Math.floor(most[stage] / kills)))
      const phase = phases[yield* Random.nextIntBetween(0, phases.length - 1)]
      return `${stage}/transaction#${number}:${phase}`
    }))
})
