import { ChunkingSettings } from "@sheaf/domain/datasets/Dataset"
import { Lane } from "@sheaf/domain/jobs/Job"
import { RunCause } from "@sheaf/domain/runs/Run"
import { Edits, ParsingSettings, SettingValue } from "@sheaf/domain/runs/RunSettings"
import { Space } from "@sheaf/domain/spaces/Space"
import { PipelineId } from "@sheaf/domain/ids"
import { CleanStep, EnrichStep } from "@sheaf/domain/pipelines/Step"
import { Schema } from "effect"

/** Everything that a run's outcome depends on besides the bytes: fixed when it begins, and part of its artefacts' keys. */
export const RunConfig = Schema.Struct({
  space: Space,
  chunking: ChunkingSettings,
  /** The one thing that may change while it is at work. */
  lane: Lane,
  parsing: Schema.optionalKey(ParsingSettings),
  /** The version that it goes through to its end, whatever becomes of the pipeline. Secrets are not part of it. */
  pipeline: Schema.optionalKey(Schema.Struct({
    id: PipelineId,
    name: Schema.String,
    version: Schema.Int,
    clean: Schema.Array(CleanStep),
    enrich: Schema.Array(EnrichStep)
  })),
  /** How often all of the document was to be parsed again. */
  edition: Schema.optionalKey(Schema.Int),
  /** Default `keep`. */
  edits: Schema.optionalKey(Edits),
  why: Schema.optionalKey(RunCause),
  /** Who decided what, at that time. */
  values: Schema.optionalKey(Schema.Array(SettingValue))
})
export type RunConfig = typeof RunConfig.Type
