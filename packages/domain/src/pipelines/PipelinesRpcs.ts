import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { BadRequest } from "../edge/errors.ts"
import { mutation } from "../edge/mutation.ts"
import { Page, PageFields } from "../edge/page.ts"
import { PipelineId } from "../ids.ts"
import { isStorable } from "../text.ts"
import { PipelineInUse, PipelineInvalid, PipelineNameTaken, PipelineNotFound } from "./errors.ts"
import { Pipeline, PipelineDefinition, PipelineName } from "./Pipeline.ts"
import { PipelineVersion } from "./PipelineChoice.ts"

const description = Schema.optionalKey(Schema.String.check(Schema.isMaxLength(2_000), isStorable))

/** Ways for documents that the tenant makes up itself. */
export class PipelinesRpcs extends RpcGroup.make(
  mutation("PipelinesCreate", {
    payload: { name: PipelineName, description, definition: PipelineDefinition },
    success: Pipeline,
    error: Schema.Union([PipelineNameTaken, PipelineInvalid, BadRequest])
  }),
  /** Without a version the newest. Secrets are never answered. */
  Rpc.make("PipelinesGet", {
    payload: { pipelineId: PipelineId, version: Schema.optionalKey(PipelineVersion) },
    success: Pipeline,
    error: PipelineNotFound
  }),
  /** The newest versions, by name. */
  Rpc.make("PipelinesList", {
    payload: { name: Schema.optionalKey(PipelineName), ...PageFields },
    success: Page(Pipeline),
    error: BadRequest
  }),
  /**
   * Another definition becomes the next version: runs that have begun go on with theirs. An HTTP step that keeps its name keeps its secret,
   * unless another is given.
   */
  mutation("PipelinesUpdate", {
    payload: {
      pipelineId: PipelineId,
      name: Schema.optionalKey(PipelineName),
      description,
      definition: Schema.optionalKey(PipelineDefinition)
    },
    success: Pipeline,
    error: Schema.Union([PipelineNotFound, PipelineNameTaken, PipelineInvalid, BadRequest])
  }),
  /** Refused as long as a dataset, a document or a run at work uses it. */
  mutation("PipelinesDelete", {
    payload: { pipelineId: PipelineId },
    error: Schema.Union([PipelineNotFound, PipelineInUse])
  })
) {}
