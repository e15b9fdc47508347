import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { MetadataFields } from "../documents/fields.ts"
import { BadRequest, QuotaExceeded } from "../edge/errors.ts"
import { mutation } from "../edge/mutation.ts"
import { Page, PageFields } from "../edge/page.ts"
import { DatasetId } from "../ids.ts"
import { PipelineNotFound } from "../pipelines/errors.ts"
import { PipelineChoice } from "../pipelines/PipelineChoice.ts"
import { ParsingSettings } from "../runs/RunSettings.ts"
import { isStorable } from "../text.ts"
import { ChunkingSettings, Dataset, DatasetName, DatasetPermission } from "./Dataset.ts"
import { DatasetNameTaken, DatasetNotFound } from "./errors.ts"

const settings = {
  description: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(2_000), isStorable)),
  chunking: Schema.optionalKey(ChunkingSettings),
  parsing: Schema.optionalKey(ParsingSettings),
  /** Without a version, always the newest. `none`, the default: what everybody does. */
  pipeline: Schema.optionalKey(PipelineChoice),
  permission: Schema.optionalKey(DatasetPermission),
  /** Of metadata: all of them, in place of those that were. Documents that are there already stay as they are until they are changed. */
  fields: Schema.optionalKey(MetadataFields)
} as const

export class DatasetsRpcs extends RpcGroup.make(
  mutation("DatasetsCreate", {
    payload: { name: DatasetName, ...settings },
    success: Dataset,
    error: Schema.Union([DatasetNameTaken, PipelineNotFound, QuotaExceeded])
  }),
  Rpc.make("DatasetsGet", { payload: { datasetId: DatasetId }, success: Dataset, error: DatasetNotFound }),
  /** By name. */
  Rpc.make("DatasetsList", {
    payload: { name: Schema.optionalKey(DatasetName), ...PageFields },
    success: Page(Dataset),
    error: BadRequest
  }),
  /** Changed chunking, and another pipeline, apply to runs that begin later. */
  mutation("DatasetsUpdate", {
    payload: { datasetId: DatasetId, name: Schema.optionalKey(DatasetName), ...settings },
    success: Dataset,
    error: Schema.Union([DatasetNotFound, DatasetNameTaken, PipelineNotFound])
  }),
  /** Invisible when this returns, with all its documents; a job removes what they hold. */
  mutation("DatasetsDelete", { payload: { datasetId: DatasetId }, error: DatasetNotFound })
) {}
