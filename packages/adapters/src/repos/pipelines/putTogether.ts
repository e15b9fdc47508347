import { BadRequest } from "@sheaf/domain/edge/errors"
import type { TenantId } from "@sheaf/domain/ids"
import { PipelineNotFound } from "@sheaf/domain/pipelines/errors"
import { type Effective, effective, type Levels } from "@sheaf/domain/runs/effective"
import { choiceOf, type PipelineLevel } from "@sheaf/domain/runs/pipelineLevel"
import { Effect, Option, Result } from "effect"
import type { PipelinesRepo } from "./PipelinesRepo.ts"

/**
 * Puts settings together, with the pipeline that they name in the version that it has now. Part of the caller's transaction: until its end
 * nobody deletes the pipeline.
 */
export const puttingTogether = (pipelines: PipelinesRepo["Service"]) => {
  const levelOf = Effect.fnUntraced(function*(tenantId: TenantId, levels: Levels) {
    const choice = choiceOf(levels)
    if (choice === null) return undefined
    const { by, ref } = choice
    const held = yield* pipelines.hold(tenantId, ref)
    if (Option.isSome(held)) return { ...held.value, by } satisfies PipelineLevel
    const version = ref.version === undefined ? {} : { version: ref.version }
    return yield* new PipelineNotFound({ pipelineId: ref.id, ...version })
  })
  return Effect.fnUntraced(function*(
    tenantId: TenantId,
    levels: Omit<Levels, "pipeline">
  ): Effect.fn.Return<Effective, BadRequest | PipelineNotFound> {
    const together = effective({ ...levels, pipeline: yield* levelOf(tenantId, levels) })
    if (Result.isFailure(together)) return yield* new BadRequest({ reason: together.failure })
    return together.success
  })
}
