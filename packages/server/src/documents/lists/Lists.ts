import { FiguresRepo } from "@sheaf/adapters/repos/documents/FiguresRepo"
import { type ListOptions, ListsRepo } from "@sheaf/adapters/repos/documents/ListsRepo"
import { QueueRepo } from "@sheaf/adapters/repos/documents/QueueRepo"
import type { DatasetNotFound } from "@sheaf/domain/datasets/errors"
import type { Document } from "@sheaf/domain/documents/Document"
import { DocumentNotFound } from "@sheaf/domain/documents/errors"
import type { DocumentFilter } from "@sheaf/domain/documents/ListFilter"
import type { DatasetStatistics, FacetCounts, QueuePlace, RowField } from "@sheaf/domain/documents/ListsRpcs"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { BadRequest } from "@sheaf/domain/edge/errors"
import type { DatasetId, DocumentId, PageCursor } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option } from "effect"
import { isFinal } from "@sheaf/domain/runs/Run"
import { Datasets } from "../../datasets/Datasets.ts"
import { pageOr } from "../../edge/pageOr.ts"
import { estimate } from "../estimate.ts"

/** Documents that an estimate comes from, at most. */
const measured = 20

interface ListPayload extends DocumentFilter, Omit<ListOptions, "filter"> {
  readonly withTotal?: boolean
  readonly facets?: ReadonlyArray<string>
  readonly facetValues?: number
}

/** Documents of a dataset page by page, and figures about them. */
export class Lists extends Context.Service<Lists, {
  readonly list: (caller: Caller, options: ListPayload) => Effect.Effect<
    {
      readonly items: ReadonlyArray<Document>
      readonly next?: PageCursor
      readonly total?: number
      readonly facets?: ReadonlyArray<FacetCounts>
    },
    DatasetNotFound | BadRequest
  >
  readonly statistics: (
    caller: Caller,
    dataset: { readonly datasetId: DatasetId }
  ) => Effect.Effect<DatasetStatistics, DatasetNotFound>
  /** What rows of its tables have by name. */
  readonly fields: (
    caller: Caller,
    dataset: { readonly datasetId: DatasetId }
  ) => Effect.Effect<ReadonlyArray<RowField>, DatasetNotFound>
  readonly queue: (
    caller: Caller,
    document: { readonly documentId: DocumentId }
  ) => Effect.Effect<QueuePlace, DocumentNotFound>
}>()("@sheaf/server/documents/lists/Lists") {
  static readonly layer = Layer.effect(
    Lists,
    Effect.gen(function*() {
      const datasets = yield* Datasets
      const figures = yield* FiguresRepo
      const lists = yield* ListsRepo
      const places = yield* QueueRepo

      const list: Lists["Service"]["list"] = Effect.fn("Lists.list")(function*(caller, options) {
        const { cursor, datasetId, facetValues = 20, facets, limit, order, sort, withTotal, ...filter } = options
        yield* datasets.get(caller, { datasetId })
        const page = yield* pageOr(lists.list(caller, {
          datasetId,
          filter,
          ...(cursor !== undefined && { cursor }),
          ...(limit !== undefined && { limit }),
          ...(order !== undefined && { order }),
          ...(sort !== undefined && { sort })
        }))
        if (withTotal !== true && facets === undefined) return page
        const counted = yield* figures.count(caller, { datasetId, filter, facets: facets ?? [], values: facetValues })
        return {
          ...page,
          ...(withTotal === true && { total: counted.total }),
          ...(facets !== undefined && { facets: counted.facets })
        }
      })

      const statistics: Lists["Service"]["statistics"] = Effect.fn("Lists.statistics")(function*(caller, dataset) {
        const { id: datasetId, lastIngestedAt } = yield* datasets.get(caller, dataset)
        return { datasetId, lastIngestedAt, ...(yield* figures.sums(caller, datasetId)) }
      })

      const fields: Lists["Service"]["fields"] = Effect.fn("Lists.fields")(function*(caller, dataset) {
        const { id } = yield* datasets.get(caller, dataset)
        return yield* figures.fields(caller, id)
      })

      const queue: Lists["Service"]["queue"] = Effect.fn("Lists.queue")(function*(caller, document) {
        const { documentId } = document
        const found = yield* places.place(caller, documentId)
        if (Option.isNone(found)) return yield* new DocumentNotFound(document)
        const { documents, jobs, lane, state, status, worked, working } = found.value
        const atWork = state !== null && !isFinal(state)
        const moves = atWork && status !== "paused" && status !== "waiting"
        const spans = moves ? yield* places.lately(caller.tenantId, measured) : []
        return {
          documentId,
          status,
          lane: atWork ? lane : null,
          working,
          ahead: { jobs, documents },
          estimatedSeconds: estimate(spans, { ahead: documents, worked: worked ?? 0 }),
          measured: spans.length
        }
      })

      return Lists.of({ list, statistics, fields, queue })
    })
  )
}
