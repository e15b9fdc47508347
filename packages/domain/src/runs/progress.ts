import type { RunState, Stage, StageProgress } from "./Run.ts"

const order = ["parse", "clean", "chunk", "embed", "index", "publish"] as const satisfies ReadonlyArray<Stage>

const active = {
  parse: "parsing",
  // Part of the way to segments, and only where a pipeline has steps for it.
  clean: "chunking",
  chunk: "chunking",
  embed: "embedding",
  index: "indexing",
  publish: "publishing"
} as const satisfies Record<Stage, RunState>

/**
 * The state of a running run as a function of its work: that of the first stage with work left. A stage without units has not
 * been planned yet, so it is the one the run has come to. Stages overlap (the first segments are indexed while others are
 * embedded), and the earliest unfinished one is what people should see.
 */
export const stateOf = (progress: ReadonlyArray<StageProgress>): RunState => {
  for (const stage of order) {
    const found = progress.find((candidate) => candidate.stage === stage)
    if (found === undefined && stage === "clean") continue
    if (found === undefined || found.done < found.total) return active[stage]
  }
  return "publishing"
}
