import { type Facts, rowsOf, text } from "./Facts.ts"

/** States in which a run stays. */
const final: ReadonlySet<string> = new Set(["published", "failed", "cancelled"])

/** Runs that have not ended. */
export const openRuns = (facts: Facts): ReadonlySet<string> =>
  new Set(rowsOf(facts, "runs").filter((run) => !final.has(text(run, "state"))).map((run) => text(run, "id")))

/** Segments of versions that are being built and held up: each may be in the index already, or not yet. */
export const beingBuilt = (facts: Facts): ReadonlySet<string> => {
  const open = openRuns(facts)
  return new Set(
    rowsOf(facts, "run_segments").filter((member) => open.has(text(member, "run_id"))).map((member) =>
      text(member, "segment_id")
    )
  )
}
