import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import { type DatasetSettings, DatasetsRepo, type PageOptions } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { Removal } from "@sheaf/adapters/lifecycle/Removal"
import { PipelinesRepo } from "@sheaf/adapters/repos/pipelines/PipelinesRepo"
import { QuotasRepo } from "@sheaf/adapters/repos/access/QuotasRepo"
import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import type { Dataset } from "@sheaf/domain/datasets/Dataset"
import { DatasetNameTaken, DatasetNotFound } from "@sheaf/domain/datasets/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { BadRequest, QuotaExceeded } from "@sheaf/domain/edge/errors"
import type { DatasetId, PageCursor } from "@sheaf/domain/ids"
import { PipelineNotFound } from "@sheaf/domain/pipelines/errors"
import type { PipelineChoice } from "@sheaf/domain/pipelines/PipelineChoice"
import { Context, Effect, Layer, Option } from "effect"
import { pageOr } from "../edge/pageOr.ts"

/** What a dataset is when its maker says nothing else. */
const defaults = {
  description: "",
  chunking: { method: "general" },
  permission: "tenant",
  fields: []
} as const satisfies Omit<DatasetSettings, "name">

type Settings = Partial<Omit<DatasetSettings, "pipeline">> & { readonly pipeline?: PipelineChoice }

/** Knowledge bases. Changes are part of the caller's transaction. */
export class Datasets extends Context.Service<Datasets, {
  readonly create: (
    caller: Caller,
    settings: Settings & Pick<DatasetSettings, "name">
  ) => Effect.Effect<Dataset, DatasetNameTaken | PipelineNotFound | QuotaExceeded>
  readonly get: (
    caller: Caller,
    dataset: { readonly datasetId: DatasetId }
  ) => Effect.Effect<Dataset, DatasetNotFound>
  readonly list: (caller: Caller, options: PageOptions & { readonly name?: string }) => Effect.Effect<
    { readonly items: ReadonlyArray<Dataset>; readonly next?: PageCursor },
    BadRequest
  >
  readonly update: (
    caller: Caller,
    change: Settings & { readonly datasetId: DatasetId }
  ) => Effect.Effect<Dataset, DatasetNotFound | DatasetNameTaken | PipelineNotFound>
  /** Invisible from the commit on, with all that is in it; the job that removes it stops what is being built. */
  readonly remove: (
    caller: Caller,
    dataset: { readonly datasetId: DatasetId }
  ) => Effect.Effect<void, DatasetNotFound>
}>()("@sheaf/server/datasets/Datasets") {
  static readonly layer = Layer.effect(
    Datasets,
    Effect.gen(function*() {
      const embedder = yield* Embedder
      const events = yield* EventsRepo
      const pipelines = yield* PipelinesRepo
      const removal = yield* Removal
      const quotas = yield* QuotasRepo
      const repo = yield* DatasetsRepo

      const get: Datasets["Service"]["get"] = Effect.fn("Datasets.get")(function*(caller, { datasetId }) {
        const found = yield* repo.find(caller, datasetId)
        if (Option.isNone(found)) return yield* new DatasetNotFound({ datasetId })
        return found.value
      })

      const nameTaken = Effect.fnUntraced(function*(caller: Caller, name: string) {
        const owner = yield* repo.idOfName(caller.tenantId, name)
        // Gone in the meantime, on a database with several sessions: the caller may try again.
        if (Option.isNone(owner)) return yield* Effect.die(new Error(`the name ${name} was taken and is free again`))
        return yield* new DatasetNameTaken({ name, datasetId: owner.value })
      })

      const created = Effect.fnUntraced(function*(caller: Caller, datasetId: DatasetId) {
        const found = yield* repo.find(caller, datasetId)
        return yield* Effect.orDie(Effect.fromOption(found))
      })

      /** What is chosen is there, and cannot go before the transaction ends. */
      const choose = Effect.fnUntraced(function*({ tenantId }: Caller, pipeline: PipelineChoice | undefined) {
        if (pipeline === undefined) return {}
        if (pipeline === "none") return { pipeline: null }
        if (Option.isSome(yield* pipelines.hold(tenantId, pipeline))) return { pipeline }
        const version = pipeline.version === undefined ? {} : { version: pipeline.version }
        return yield* new PipelineNotFound({ pipelineId: pipeline.id, ...version })
      })

      const create: Datasets["Service"]["create"] = Effect.fn("Datasets.create")(function*(caller, settings) {
        const { name, pipeline, ...rest } = { ...defaults, ...settings }
        const chosen = yield* choose(caller, pipeline)
        yield* quotas.claim(caller.tenantId, { datasets: 1 })
        const inserted = yield* repo.insert(caller, embedder.space, { ...rest, ...chosen, name })
        if (Option.isNone(inserted)) return yield* nameTaken(caller, name)
        yield* events.append(caller.tenantId, { _tag: "DatasetCreated", datasetId: inserted.value, name })
        return yield* created(caller, inserted.value)
      })

      const update: Datasets["Service"]["update"] = Effect.fn("Datasets.update")(function*(caller, change) {
        const { datasetId, pipeline, ...rest } = change
        // Before it is said whether the pipeline is there.
        yield* get(caller, change)
        const outcome = yield* repo.update(caller, datasetId, { ...rest, ...yield* choose(caller, pipeline) })
        // Only a change of the name can find it taken.
        if (outcome === "nameTaken") return yield* nameTaken(caller, change.name ?? "")
        return yield* get(caller, change)
      })

      const remove: Datasets["Service"]["remove"] = Effect.fn("Datasets.remove")(function*(caller, dataset) {
        const { id } = yield* get(caller, dataset)
        yield* removal.dataset(caller, id)
      })

      return Datasets.of({ create, get, list: (caller, options) => pageOr(repo.list(caller, options)), update, remove })
    })
  )
}
