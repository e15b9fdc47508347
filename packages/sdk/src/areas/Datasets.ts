import type { MetadataFields } from "@sheaf/domain/documents/fields"
import type { ChunkingSettings, Dataset } from "@sheaf/domain/datasets/Dataset"
import type { DatasetStatistics, RowField } from "@sheaf/domain/documents/ListsRpcs"
import { DatasetId, type PageCursor } from "@sheaf/domain/ids"
import type { ParsingSettings } from "@sheaf/domain/runs/RunSettings"
import { Effect, Predicate, Schema } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { CallError } from "../connection/rpc.ts"
import { DatasetNameUnknown } from "../errors/client.ts"
import type { CallOptions, DatasetRef, MutationOptions, Page, PageOptions } from "../options.ts"
import type { Feed } from "../streams/Feed.ts"
import { everyItem } from "./pages.ts"

export interface DatasetSettings {
  readonly description?: string
  /** How documents are cut into segments. */
  readonly chunking?: ChunkingSettings
  /** How its documents are parsed. */
  readonly parsing?: ParsingSettings
  /** `private`: only for whoever made it, and keys with the scope `admin`. Default `tenant`. */
  readonly permission?: "tenant" | "private"
  /** What the metadata of its documents must be like: all fields, in place of those that were. */
  readonly fields?: MetadataFields
}

export interface DatasetsListOptions extends PageOptions, CallOptions {
  readonly name?: string
}

/** A look-up by name can fail in more ways than a call with an id. */
export type ByName = DatasetNameUnknown | CallError<"DatasetsList">

/** Knowledge bases. */
export interface Datasets {
  readonly create: (
    dataset: DatasetSettings & { readonly name: string },
    options?: MutationOptions
  ) => Effect.Effect<Dataset, CallError<"DatasetsCreate">>
  /** The dataset of this name: made if there is none, otherwise as it is. */
  readonly ensure: (
    name: string,
    settings?: DatasetSettings,
    options?: MutationOptions
  ) => Effect.Effect<Dataset, CallError<"DatasetsCreate" | "DatasetsGet" | "DatasetsList">>
  readonly get: (
    dataset: DatasetRef,
    options?: CallOptions
  ) => Effect.Effect<Dataset, CallError<"DatasetsGet"> | ByName>
  /** Figures, counted from its documents. */
  readonly statistics: (
    dataset: DatasetRef,
    options?: CallOptions
  ) => Effect.Effect<DatasetStatistics, CallError<"DatasetsStatistics"> | ByName>
  /** What rows of its tables have by name, and in how many documents: of versions that serve. */
  readonly fields: (
    dataset: DatasetRef,
    options?: CallOptions
  ) => Effect.Effect<ReadonlyArray<RowField>, CallError<"DatasetsFields"> | ByName>
  /** One page, by name. */
  readonly list: (options?: DatasetsListOptions) => Effect.Effect<Page<Dataset>, CallError<"DatasetsList">>
  readonly all: (options?: DatasetsListOptions) => Feed<Dataset, CallError<"DatasetsList">>
  /** Changed chunking applies to runs that begin later. */
  readonly update: (
    dataset: DatasetRef,
    changes: DatasetSettings & { readonly name?: string },
    options?: MutationOptions
  ) => Effect.Effect<Dataset, CallError<"DatasetsUpdate"> | ByName>
  /** Invisible when this returns, with all its documents; the server then removes what they hold. */
  readonly delete: (
    dataset: DatasetRef,
    options?: MutationOptions
  ) => Effect.Effect<void, CallError<"DatasetsDelete"> | ByName>
  /** The id behind however a dataset was named. */
  readonly idOf: (dataset: DatasetRef) => Effect.Effect<DatasetId, ByName>
}

export const makeDatasets = (calls: Calls): Datasets => {
  const list: Datasets["list"] = ({ cursor, limit, name, ...options } = {}) =>
    calls.query("DatasetsList", {
      ...(name !== undefined && { name }),
      ...pageOf({ cursor, limit })
    }, options)

  const find = (name: string) => Effect.map(list({ name }), (page) => page.items[0])

  const idOf: Datasets["idOf"] = (dataset) => {
    const reference = typeof dataset !== "string" ? dataset : isId(dataset) ? { id: dataset } : { name: dataset }
    if ("id" in reference) return Effect.succeed(reference.id as DatasetId)
    return find(reference.name).pipe(
      Effect.filterOrFail(Predicate.isNotUndefined, () => new DatasetNameUnknown({ name: reference.name })),
      Effect.map((found) => found.id)
    )
  }

  const create: Datasets["create"] = (dataset, options) => calls.mutate("DatasetsCreate", dataset, options)

  const ensure: Datasets["ensure"] = (name, settings, options) =>
    Effect.filterOrElse(find(name), Predicate.isNotUndefined, () =>
      create({ ...settings, name }, options).pipe(
        // Somebody else was quicker.
        Effect.catchTag("DatasetNameTaken", ({ datasetId }) => calls.query("DatasetsGet", { datasetId }, options))
      ))

  return {
    create,
    ensure,
    list,
    idOf,
    all: (options = {}) => everyItem(list, options),
    get: (dataset, options) =>
      Effect.flatMap(idOf(dataset), (datasetId) => calls.query("DatasetsGet", { datasetId }, options)),
    statistics: (dataset, options) =>
      Effect.flatMap(idOf(dataset), (datasetId) => calls.query("DatasetsStatistics", { datasetId }, options)),
    fields: (dataset, options) =>
      Effect.flatMap(idOf(dataset), (datasetId) => calls.query("DatasetsFields", { datasetId }, options)),
    update: (dataset, changes, options) =>
      Effect.flatMap(
        idOf(dataset),
        (datasetId) => calls.mutate("DatasetsUpdate", { ...changes, datasetId }, options)
      ),
    delete: (dataset, options) =>
      Effect.flatMap(idOf(dataset), (datasetId) => calls.mutate("DatasetsDelete", { datasetId }, options))
  }
}

const isId = Schema.is(DatasetId)

/** The part of a payload that every list has. What a cursor may look like is checked with the payload. */
export const pageOf = ({ cursor, limit }: PageOptions) => ({
  ...(limit !== undefined && { limit }),
  ...(cursor !== undefined && { cursor: cursor as PageCursor })
})
