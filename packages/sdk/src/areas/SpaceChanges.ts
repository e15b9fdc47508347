import type { SpaceChangeId, SpaceId } from "@sheaf/domain/ids"
import type { SpaceChange } from "@sheaf/domain/spaces/SpaceChange"
import { Effect } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { CallError } from "../connection/rpc.ts"
import type { CallOptions, DatasetRef, MutationOptions, Page, PageOptions } from "../options.ts"
import type { Feed } from "../streams/Feed.ts"
import { type ByName, type Datasets, pageOf } from "./Datasets.ts"
import { everyItem } from "./pages.ts"

export interface SpaceChangesListOptions extends PageOptions, CallOptions {
  readonly dataset: DatasetRef
}

type Steer<Tag extends "SpaceChangesPause" | "SpaceChangesResume" | "SpaceChangesCancel" | "SpaceChangesRetry"> = (
  changeId: string,
  options?: MutationOptions
) => Effect.Effect<SpaceChange, CallError<Tag>>

/** Moves of datasets to other embedding models. */
export interface SpaceChanges {
  /** Begins to move a dataset to the space of the server's embedder, or of another that it has. The old one serves meanwhile. */
  readonly start: (
    dataset: DatasetRef,
    options?: MutationOptions & { readonly spaceId?: string }
  ) => Effect.Effect<SpaceChange, CallError<"DatasetsChangeSpace"> | ByName>
  readonly get: (changeId: string, options?: CallOptions) => Effect.Effect<SpaceChange, CallError<"SpaceChangesGet">>
  /** One page of a dataset's, the newest first. */
  readonly list: (
    options: SpaceChangesListOptions
  ) => Effect.Effect<Page<SpaceChange>, CallError<"SpaceChangesList"> | ByName>
  readonly all: (options: SpaceChangesListOptions) => Feed<SpaceChange, CallError<"SpaceChangesList"> | ByName>
  readonly pause: Steer<"SpaceChangesPause">
  readonly resume: Steer<"SpaceChangesResume">
  /** Final: what was built is removed. */
  readonly cancel: Steer<"SpaceChangesCancel">
  /** Begins a failed one again. */
  readonly retry: Steer<"SpaceChangesRetry">
}

export const makeSpaceChanges = (calls: Calls, datasets: Datasets): SpaceChanges => {
  const list: SpaceChanges["list"] = ({ cursor, dataset, limit, ...options }) =>
    Effect.flatMap(
      datasets.idOf(dataset),
      (datasetId) => calls.query("SpaceChangesList", { datasetId, ...pageOf({ cursor, limit }) }, options)
    )
  const of = (changeId: string) => ({ changeId: changeId as SpaceChangeId })

  return {
    start: (dataset, { spaceId, ...options } = {}) =>
      Effect.flatMap(datasets.idOf(dataset), (datasetId) =>
        calls.mutate(
          "DatasetsChangeSpace",
          { datasetId, ...(spaceId !== undefined && { spaceId: spaceId as SpaceId }) },
          options
        )),
    get: (changeId, options) => calls.query("SpaceChangesGet", of(changeId), options),
    list,
    all: (options) => everyItem(list, options),
    pause: (changeId, options) => calls.mutate("SpaceChangesPause", of(changeId), options),
    resume: (changeId, options) => calls.mutate("SpaceChangesResume", of(changeId), options),
    cancel: (changeId, options) => calls.mutate("SpaceChangesCancel", of(changeId), options),
    retry: (changeId, options) => calls.mutate("SpaceChangesRetry", of(changeId), options)
  }
}
