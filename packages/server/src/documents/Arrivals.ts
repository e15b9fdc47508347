import { BlobStore, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import { removeUnused } from "@sheaf/adapters/blobs/removeUnused"
import { Accepting } from "@sheaf/adapters/lifecycle/Accepting"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import type { DatasetNotFound } from "@sheaf/domain/datasets/errors"
import type { Accepted, IfNameExists, IfSame } from "@sheaf/domain/documents/DocumentsRpcs"
import type { DocumentExists, DocumentNameTaken, MetadataInvalid } from "@sheaf/domain/documents/errors"
import type { Metadata } from "@sheaf/domain/documents/Metadata"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { BadRequest, QuotaExceeded } from "@sheaf/domain/edge/errors"
import { type DatasetId, DocumentId } from "@sheaf/domain/ids"
import type { Lane } from "@sheaf/domain/jobs/Job"
import type { PipelineNotFound } from "@sheaf/domain/pipelines/errors"
import type { RunSettings } from "@sheaf/domain/runs/RunSettings"
import { Context, Effect, Layer, Option, Stream } from "effect"
import { Datasets } from "../datasets/Datasets.ts"
import { once } from "../edge/Idempotent.ts"
import { Progress } from "./Progress.ts"

/** How a document arrives, whatever it comes by. */
export interface Arrival {
  readonly datasetId: DatasetId
  readonly name: string
  readonly metadata?: Metadata
  readonly ifSame?: IfSame
  readonly ifNameExists?: IfNameExists
  readonly lane?: Lane
  readonly settings?: RunSettings
}

export const arrivalDefaults = { metadata: {}, ifSame: "reuse", ifNameExists: "new", lane: "interactive" } as const

/** What any way in can answer in place of a document. */
export type Refused =
  | DatasetNotFound
  | DocumentExists
  | DocumentNameTaken
  | MetadataInvalid
  | QuotaExceeded
  | BadRequest
  | PipelineNotFound

/** Documents that come in one call, and waiting for what becomes of them. */
export class Arrivals extends Context.Service<Arrivals, {
  readonly ingestText: (
    caller: Caller,
    text: Arrival & { readonly text: string; readonly mediaType?: string; readonly waitMs?: number }
  ) => Effect.Effect<Accepted, Refused>
  /** Waits for the newest run of what was accepted to end, so long at most, and says how the document stands then. */
  readonly waited: (caller: Caller, accepted: Accepted, waitMs: number) => Effect.Effect<Accepted>
}>()("@sheaf/server/documents/Arrivals") {
  static readonly layer = Layer.effect(
    Arrivals,
    Effect.gen(function*() {
      const accepting = yield* Accepting
      const blobs = yield* BlobStore
      const datasets = yield* Datasets
      const documents = yield* DocumentsRepo
      const progress = yield* Progress

      const waited: Arrivals["Service"]["waited"] = Effect.fn("Arrivals.waited")(function*(caller, accepted, waitMs) {
        if (waitMs === 0) return accepted
        const { documentId } = accepted
        yield* Stream.runDrain(progress.watch(caller, { documentId })).pipe(
          Effect.timeoutOption(waitMs),
          // Whoever deleted it meanwhile has made it invisible; it was accepted all the same.
          Effect.catchTag("DocumentNotFound", () => Effect.void)
        )
        const found = yield* documents.find(caller, documentId)
        if (Option.isNone(found)) return accepted
        const { run, status } = found.value
        return { ...accepted, status, ...(run?.cause && { cause: run.cause }) }
      })

      const ingestText: Arrivals["Service"]["ingestText"] = Effect.fn("Arrivals.ingestText")(
        function*(caller, { mediaType, text, waitMs = 0, ...wishes }) {
          const { id: datasetId } = yield* datasets.get(caller, wishes)
          const { actor, tenantId } = caller
          const owner = { tenantId, datasetId, documentId: yield* newId(DocumentId) }
          const inTransaction = yield* once
          const accepted = yield* blobs.put(rawKey(owner), Stream.succeed(new TextEncoder().encode(text))).pipe(
            Effect.orDie,
            Effect.flatMap(({ sha256: contentHash, size }) =>
              accepting.accept({
                ...arrivalDefaults,
                ...wishes,
                ...owner,
                declaredType: mediaType ?? "text/plain",
                size,
                contentHash,
                actor
              }, inTransaction)
            ),
            // Nobody named one to replace.
            Effect.catchTag("DocumentNotFound", Effect.die),
            Effect.onExit(removeUnused(blobs, owner))
          )
          return yield* waited(caller, accepted, waitMs)
        }
      )

      return Arrivals.of({ ingestText, waited })
    })
  ).pipe(Layer.provide(Accepting.layer))
}
