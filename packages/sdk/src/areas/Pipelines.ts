import type { PipelineId } from "@sheaf/domain/ids"
import type { Pipeline, PipelineDefinition } from "@sheaf/domain/pipelines/Pipeline"
import type { Effect } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { CallError } from "../connection/rpc.ts"
import type { CallOptions, MutationOptions, Page, PageOptions } from "../options.ts"
import type { Feed } from "../streams/Feed.ts"
import { pageOf } from "./Datasets.ts"
import { everyItem } from "./pages.ts"

export interface NewPipeline {
  readonly name: string
  readonly description?: string
  /** What documents go through: parse, clean, chunk, enrich. */
  readonly definition: PipelineDefinition
}

export interface PipelinesListOptions extends PageOptions, CallOptions {
  readonly name?: string
}

/** Ways for documents that the tenant makes up itself. */
export interface Pipelines {
  readonly create: (
    pipeline: NewPipeline,
    options?: MutationOptions
  ) => Effect.Effect<Pipeline, CallError<"PipelinesCreate">>
  /** The newest version, or one of those before. */
  readonly get: (
    pipelineId: string,
    options?: CallOptions & { readonly version?: number }
  ) => Effect.Effect<Pipeline, CallError<"PipelinesGet">>
  /** One page, by name. */
  readonly list: (options?: PipelinesListOptions) => Effect.Effect<Page<Pipeline>, CallError<"PipelinesList">>
  readonly all: (options?: PipelinesListOptions) => Feed<Pipeline, CallError<"PipelinesList">>
  /** Another definition becomes the next version: runs that have begun go on with theirs. */
  readonly update: (
    pipelineId: string,
    changes: Partial<NewPipeline>,
    options?: MutationOptions
  ) => Effect.Effect<Pipeline, CallError<"PipelinesUpdate">>
  /** Refused as long as a dataset, a document or a run at work uses it. */
  readonly delete: (
    pipelineId: string,
    options?: MutationOptions
  ) => Effect.Effect<void, CallError<"PipelinesDelete">>
}

export const makePipelines = (calls: Calls): Pipelines => {
  const of = (pipelineId: string) => ({ pipelineId: pipelineId as PipelineId })
  const list: Pipelines["list"] = ({ cursor, limit, name, ...options } = {}) =>
    calls.query("PipelinesList", { ...(name !== undefined && { name }), ...pageOf({ cursor, limit }) }, options)
  return {
    create: (pipeline, options) => calls.mutate("PipelinesCreate", pipeline, options),
    get: (pipelineId, { version, ...options } = {}) =>
      calls.query("PipelinesGet", { ...of(pipelineId), ...(version !== undefined && { version }) }, options),
    list,
    all: (options = {}) => everyItem(list, options),
    update: (pipelineId, changes, options) =>
      calls.mutate("PipelinesUpdate", { ...of(pipelineId), ...changes }, options),
    delete: (pipelineId, options) => calls.mutate("PipelinesDelete", of(pipelineId), options)
  }
}
