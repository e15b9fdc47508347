import type { BlobOwner } from "@sheaf/adapters/blobs/BlobStore"
import type { RunContext } from "@sheaf/adapters/repos/runs/RunsRepo"
import type { HttpCalls } from "../../steps/http/HttpCalls.ts"
import type { StepContext } from "../../steps/Step.ts"

/** What all steps of a run know. Only for runs that go through a pipeline. */
export const commonOf = (owner: BlobOwner, run: RunContext, http: HttpCalls): Omit<StepContext, "name"> => {
  const { pipeline } = run.config
  if (pipeline === undefined) throw new Error(`run ${run.runId} goes through no pipeline`)
  const { id, name, version } = pipeline
  const { mediaType, metadata } = run
  return { owner, pipeline: { id, name, version }, document: { name: run.name, mediaType, metadata }, http }
}
