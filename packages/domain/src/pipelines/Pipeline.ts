import { Schema } from "effect"
import { Actor } from "../edge/Caller.ts"
import { PipelineId } from "../ids.ts"
import { RunSettings } from "../runs/RunSettings.ts"
import { isStorable } from "../text.ts"
import { Timestamp } from "../time.ts"
import { PipelineVersion } from "./PipelineChoice.ts"
import { CleanStep, EnrichStep } from "./Step.ts"

/** Steps in each place. */
export const maxSteps = 20

export const PipelineName = Schema.String.check(Schema.isBetweenLength(1, 120), Schema.isTrimmed(), isStorable)

/**
 * What a document goes through: parse, clean, chunk, enrich, embed, index, in this order. What is left out is as the dataset has it, or not
 * done; embedding and indexing follow the dataset's space.
 */
export const PipelineDefinition = Schema.Struct({
  /** How it is parsed. */
  parse: RunSettings.fields.parsing,
  /** What becomes of its elements, one step after the other. */
  clean: Schema.optionalKey(Schema.Array(CleanStep)),
  /** How it is cut. */
  chunk: RunSettings.fields.chunking,
  /** What becomes of its segments, one step after the other. */
  enrich: Schema.optionalKey(Schema.Array(EnrichStep))
})
export type PipelineDefinition = typeof PipelineDefinition.Type

/** A named way for documents, in one of its versions, none of which ever changes. */
export class Pipeline extends Schema.Class<Pipeline>("@sheaf/domain/pipelines/Pipeline/Pipeline")({
  id: PipelineId,
  name: PipelineName,
  description: Schema.String,
  version: PipelineVersion,
  /** The newest there is. */
  newestVersion: PipelineVersion,
  definition: PipelineDefinition,
  /** Of this version. */
  createdBy: Actor,
  createdAt: Timestamp
}) {}
