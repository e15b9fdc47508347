import { ChunkingSettings } from "@sheaf/domain/datasets/Dataset"
import { Space } from "@sheaf/domain/spaces/Space"
import { Lane } from "@sheaf/domain/jobs/Job"
import { Schema } from "effect"

/** Everything that a run's outcome depends on besides the bytes: fixed when it begins, and part of its artefacts' keys. */
export const RunConfig = Schema.Struct({
  space: Space,
  chunking: ChunkingSettings,
  lane: Lane
})
export type RunConfig = typeof RunConfig.Type
