import { ListsRpcs } from "@sheaf/domain/documents/ListsRpcs"
import { Authentication } from "@sheaf/domain/edge/middleware"
import { Effect } from "effect"
import { withCaller } from "../../edge/withCaller.ts"
import { Lists } from "./Lists.ts"

const group = ListsRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const lists = yield* Lists
  return group.of({
    DocumentsList: withCaller(lists.list),
    DatasetsStatistics: withCaller(lists.statistics),
    DatasetsFields: withCaller(lists.fields),
    DocumentsQueue: withCaller(lists.queue)
  })
}))
