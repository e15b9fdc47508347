import { DatasetsRpcs } from "@sheaf/domain/datasets/DatasetsRpcs"
import { Authentication } from "@sheaf/domain/edge/middleware"
import { Effect } from "effect"
import { withCaller } from "../edge/withCaller.ts"
import { Datasets } from "./Datasets.ts"

const group = DatasetsRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const datasets = yield* Datasets
  return group.of({
    DatasetsCreate: withCaller(datasets.create),
    DatasetsGet: withCaller(datasets.get),
    DatasetsList: withCaller(datasets.list),
    DatasetsUpdate: withCaller(datasets.update),
    DatasetsDelete: withCaller(datasets.remove)
  })
}))
