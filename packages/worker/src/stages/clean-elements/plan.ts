import type { NewJob } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import type { RunConfig } from "@sheaf/adapters/repos/runs/RunConfig"
import type { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { JobId, WorkUnitId } from "@sheaf/domain/ids"
import { Effect, Schema } from "effect"
import type { Work } from "../../pipeline/Stage.ts"
import { inPageOrder } from "@sheaf/adapters/repos/runs/unitSpec"

/** Which artefact of parsing a unit takes through the steps. */
export const CleanSpec = Schema.Struct({ source: Schema.String })

type From = Pick<Work<"ParsePages" | "CleanElements">, "claim" | "job">

/** The unit that cuts, once all that it cuts is there. Within the transaction that completes the last unit before it. */
export const planCutting = (runs: RunsRepo["Service"]) =>
  Effect.fnUntraced(function*({ claim, job }: From): Effect.fn.Return<ReadonlyArray<NewJob>> {
    const unitId = yield* newId(WorkUnitId)
    yield* runs.plan(claim.tenantId, job.runId, [{ id: unitId, stage: "chunk", ordinal: 0, weight: 1, spec: {} }])
    return [{ id: JobId.make(unitId), lane: claim.lane, job: { ...job, _tag: "ChunkDocument", unitId } }]
  })

/** What follows when all pages are parsed: a unit of cleaning for each unit of parsing where the pipeline has steps, or else cutting. */
export const planAfterParsing = (runs: RunsRepo["Service"]) => {
  const cutting = planCutting(runs)
  return Effect.fnUntraced(function*(from: From, { pipeline }: RunConfig): Effect.fn.Return<ReadonlyArray<NewJob>> {
    if (pipeline === undefined || pipeline.clean.length === 0) return yield* cutting(from)
    const { claim, job } = from
    const parsed = inPageOrder(yield* runs.units(claim.tenantId, job.runId, "parse"))
    const units = yield* Effect.forEach(
      parsed.flatMap(({ artefact, weight }) => artefact === null ? [] : [{ source: artefact, weight }]),
      ({ source, weight }, ordinal) =>
        Effect.map(newId(WorkUnitId), (id) => ({
          id,
          stage: "clean" as const,
          ordinal,
          weight,
          spec: { source } satisfies typeof CleanSpec.Type
        }))
    )
    const planned = yield* runs.plan(claim.tenantId, job.runId, units)
    return planned.map((unitId): NewJob => ({
      id: JobId.make(unitId),
      lane: claim.lane,
      job: { ...job, _tag: "CleanElements", unitId }
    }))
  })
}
