import type { DocumentProgress } from "../documents/Document.ts"
import { explain, type FailureCause } from "../documents/FailureCause.ts"
import type { Dependency, RunState, Stage, StageProgress } from "./Run.ts"

export interface RunFacts {
  readonly state: RunState
  readonly paused: boolean
  /** A `Dependency`, or what a newer server calls one. */
  readonly waitingFor: string | null
  readonly stages: ReadonlyArray<StageProgress>
  readonly cause: FailureCause | null
  /** Since when it is in this state. */
  readonly since: Date
}

const names: { readonly [D in Dependency]: string } = {
  embedder: "the embedder",
  search: "the search index",
  blobs: "the blob store",
  database: "the database"
}

const nameOf = (dependency: string): string =>
  Object.hasOwn(names, dependency) ? names[dependency as Dependency] : dependency

/** What is done in a state, to so many things of a kind. */
const work: { readonly [State in RunState]?: readonly [doing: string, stage: Stage, many: string] } = {
  parsing: ["Parsing", "parse", "pages"],
  chunking: ["Cutting into segments", "chunk", "documents"],
  embedding: ["Embedding", "embed", "segments"],
  indexing: ["Indexing", "index", "segments"],
  publishing: ["Publishing", "publish", "versions"]
}

/** How a run stands, in a line that people can read. Total: there is one for every run, and it says nothing that is not known. */
export const describeRun = (run: RunFacts, now: Date): string => {
  const age = ageOf(run.since, now)
  if (run.state === "published") return "Published"
  if (run.state === "cancelled") return "Cancelled"
  if (run.state === "failed") return run.cause === null ? "Failed" : `Failed: ${explain(run.cause).message}`
  if (run.paused) return `Paused${age}`
  if (run.waitingFor !== null) return `Waiting for ${nameOf(run.waitingFor)}${age}`
  const found = work[run.state]
  if (found === undefined) return `Queued${age}`
  const [doing, stage, many] = found
  const progress = run.stages.find((candidate) => candidate.stage === stage)
  return progress === undefined || progress.total <= 1
    ? doing
    : `${doing} ${progress.done} of ${progress.total} ${many}`
}

/** The same of one look at the work on a document. */
export const describeProgress = (progress: DocumentProgress, now: Date): string =>
  describeRun({ ...progress, paused: progress.status === "paused" }, now)

/** Nothing for what has only begun. */
const ageOf = (since: Date, now: Date): string => {
  const seconds = Math.floor((now.getTime() - since.getTime()) / 1_000)
  if (!(seconds >= 5)) return ""
  if (seconds < 60) return ` since ${seconds} s`
  if (seconds < 3_600) return ` since ${Math.floor(seconds / 60)} min`
  return seconds < 86_400 ? ` since ${Math.floor(seconds / 3_600)} h` : ` since ${Math.floor(seconds / 86_400)} days`
}
