import { DatasetNotFound } from "@sheaf/domain/datasets/errors"
import type { Accepted, IfSame } from "@sheaf/domain/documents/DocumentsRpcs"
import { DocumentExists, type MetadataInvalid } from "@sheaf/domain/documents/errors"
import { checkMetadata } from "@sheaf/domain/documents/fields"
import type { Metadata } from "@sheaf/domain/documents/Metadata"
import type { BadRequest, QuotaExceeded } from "@sheaf/domain/edge/errors"
import type { Actor } from "@sheaf/domain/edge/Caller"
import {
  type DatasetId,
  type DocumentId,
  JobId,
  RunId,
  type Sha256,
  type TenantId,
  WorkUnitId
} from "@sheaf/domain/ids"
import type { Lane } from "@sheaf/domain/jobs/Job"
import type { PipelineNotFound } from "@sheaf/domain/pipelines/errors"
import { mergeSettings } from "@sheaf/domain/runs/effective"
import type { RunSettings } from "@sheaf/domain/runs/RunSettings"
import { Context, Effect, Layer, Option } from "effect"
import { QuotasRepo } from "../access/QuotasRepo.ts"
import { DatasetsRepo } from "../datasets/DatasetsRepo.ts"
import { DocumentsRepo } from "./DocumentsRepo.ts"
import { EventsRepo } from "../events/EventsRepo.ts"
import { StandingRepo } from "./StandingRepo.ts"
import { JobsRepo } from "../jobs/JobsRepo.ts"
import { newId } from "../newId.ts"
import { PipelinesRepo } from "../pipelines/PipelinesRepo.ts"
import { puttingTogether } from "../pipelines/putTogether.ts"
import type { RunConfig } from "../runs/RunConfig.ts"
import { RunsRepo } from "../runs/RunsRepo.ts"

/** A document whose bytes are in the blob store already, under the key that belongs to `documentId`. */
export interface NewArrival {
  readonly tenantId: TenantId
  readonly datasetId: DatasetId
  readonly documentId: DocumentId
  readonly name: string
  readonly declaredType: string | null
  readonly size: number
  readonly contentHash: Sha256
  readonly metadata: Metadata
  readonly ifSame: IfSame
  readonly lane: Lane
  readonly actor: Actor
  /** What it has of its own from its first run on; a document that is reused keeps what it has. Default: nothing. */
  readonly settings?: RunSettings
  /** For what is found in another document of the dataset: which one, and as which asset of it. */
  readonly attachedTo?: { readonly documentId: DocumentId; readonly asset: Sha256 }
}

/** The rows by which work begins, whoever brings it. Both methods are part of the caller's transaction. */
export class Intake extends Context.Service<Intake, {
  /**
   * Makes a document of bytes that have arrived, with its first run and the job that is owed for it. Where the same bytes are there
   * already, `ifSame` decides; an answer with another `documentId` means that the new bytes are not needed.
   */
  readonly accept: (
    arrival: NewArrival
  ) => Effect.Effect<
    Accepted,
    DatasetNotFound | DocumentExists | MetadataInvalid | QuotaExceeded | BadRequest | PipelineNotFound
  >
  /** Begins a run of a document with the settings that its dataset has now. Answers its id. */
  readonly begin: (run: {
    readonly tenantId: TenantId
    readonly datasetId: DatasetId
    readonly documentId: DocumentId
    readonly config: RunConfig
    readonly actor: Actor
  }) => Effect.Effect<RunId>
}>()("@sheaf/adapters/repos/documents/Intake") {
  static readonly layer = Layer.effect(
    Intake,
    Effect.gen(function*() {
      const datasets = yield* DatasetsRepo
      const documents = yield* DocumentsRepo
      const events = yield* EventsRepo
      const jobs = yield* JobsRepo
      const putTogether = puttingTogether(yield* PipelinesRepo)
      const quotas = yield* QuotasRepo
      const runs = yield* RunsRepo
      const standings = yield* StandingRepo

      const begin: Intake["Service"]["begin"] = Effect.fn("Intake.begin")(function*(run) {
        const { config, datasetId, documentId, tenantId } = run
        const runId = yield* newId(RunId)
        const unitId = yield* newId(WorkUnitId)
        yield* documents.insertRun(tenantId, { datasetId, documentId, runId, config, actor: run.actor })
        yield* runs.plan(tenantId, runId, [{ id: unitId, stage: "parse", ordinal: 0, weight: 1, spec: {} }])
        yield* jobs.enqueue(tenantId, [{
          id: JobId.make(unitId),
          lane: config.lane,
          job: { _tag: "ParsePages", version: 1, datasetId, documentId, runId, unitId }
        }])
        return runId
      })

      const accept: Intake["Service"]["accept"] = Effect.fn("Intake.accept")(function*(arrival) {
        const { contentHash, datasetId, documentId, tenantId } = arrival
        const rules = yield* datasets.holdFor(tenantId, datasetId)
        if (Option.isNone(rules)) return yield* new DatasetNotFound({ datasetId })
        const { fields, limits, run } = rules.value
        const invalid = checkMetadata(fields, arrival.metadata)
        if (invalid !== null) return yield* invalid
        const same = arrival.ifSame === "new"
          ? Option.none()
          : yield* documents.findSame(tenantId, datasetId, contentHash)
        if (Option.isSome(same)) {
          if (arrival.ifSame === "reject") return yield* new DocumentExists({ documentId: same.value.documentId })
          return { ...same.value, contentHash, reused: true }
        }
        // A document that could not have a single segment is not worth its bytes.
        yield* quotas.claim(tenantId, { documents: 1, bytes: arrival.size, segments: 1 }, limits)
        const given = arrival.settings ?? {}
        // Checked as those of a run, which may say nothing that means nothing.
        const together = yield* putTogether(tenantId, { dataset: run, document: {}, run: given })
        const settings = mergeSettings({}, given, run.chunking.method)
        yield* documents.insert(tenantId, arrival)
        if (Object.keys(settings).length > 0) yield* standings.setSettings(tenantId, documentId, settings)
        const values = together.values.map((value) =>
          value.origin === "run" ? { ...value, origin: "document" as const } : value
        )
        const config: RunConfig = { ...together, values, space: run.space, lane: arrival.lane, why: "accepted" }
        const runId = yield* begin({ tenantId, datasetId, documentId, config, actor: arrival.actor })
        yield* datasets.count(tenantId, datasetId, { documents: 1, bytes: arrival.size })
        yield* events.append(tenantId, { _tag: "DocumentAccepted", datasetId, documentId, runId, name: arrival.name })
        return { documentId, runId, contentHash, reused: false }
      })

      return Intake.of({ accept, begin })
    })
  )
}
