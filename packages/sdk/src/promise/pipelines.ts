import type { Pipeline } from "@sheaf/domain/pipelines/Pipeline"
import type { NewPipeline, PipelinesListOptions } from "../areas/Pipelines.ts"
import type { CallOptions, MutationOptions } from "../options.ts"
import type { PageCall } from "./PageCall.ts"
import { pages } from "./pages.ts"
import { type Abortable, callSite, type Runner } from "./Runner.ts"

type Mutation = MutationOptions & Abortable

/** Ways for documents that the tenant makes up itself. */
export interface PipelinesClient {
  create(pipeline: NewPipeline, options?: Mutation): Promise<Pipeline>
  /** The newest version, or one of those before. */
  get(pipelineId: string, options?: CallOptions & Abortable & { readonly version?: number }): Promise<Pipeline>
  /** By name. */
  list(options?: PipelinesListOptions & Abortable): PageCall<Pipeline>
  /** Another definition becomes the next version: runs that have begun go on with theirs. */
  update(pipelineId: string, changes: Partial<NewPipeline>, options?: Mutation): Promise<Pipeline>
  /** Refused as long as a dataset, a document or a run at work uses it. */
  delete(pipelineId: string, options?: Mutation): Promise<void>
}

export const pipelinesOf = (runner: Runner): PipelinesClient => ({
  create(pipeline, options) {
    return runner.run(callSite(), (sheaf) => sheaf.pipelines.create(pipeline, options), options)
  },
  get(pipelineId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.pipelines.get(pipelineId, options), options)
  },
  list(options) {
    return pages(runner, (sheaf) => sheaf.pipelines, options ?? {})
  },
  update(pipelineId, changes, options) {
    return runner.run(callSite(), (sheaf) => sheaf.pipelines.update(pipelineId, changes, options), options)
  },
  delete(pipelineId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.pipelines.delete(pipelineId, options), options)
  }
})
