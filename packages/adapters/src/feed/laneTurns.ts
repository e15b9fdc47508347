import type { Lane } from "@sheaf/domain/jobs/Job"

/** Of this many jobs that a stage takes, one is bulk, if there is any: interactive work goes first, and bulk work never starves. */
export const cycle = 8

/** Whose turn it is: of one stage in one process. */
export const laneTurns = () => {
  let sinceBulk = 0
  return {
    /** How many of the next `limit` jobs to look for in the bulk lane first. */
    bulkFirst: (limit: number) => Math.floor((sinceBulk + limit) / cycle),
    /** What was taken, having looked for bulk work as told. */
    took: (taken: ReadonlyArray<{ readonly lane: Lane }>) => {
      sinceBulk = taken.some(({ lane }) => lane === "bulk") ? 0 : (sinceBulk + taken.length) % cycle
    }
  }
}
