import { Authentication } from "@sheaf/domain/edge/middleware"
import { SearchRpcs } from "@sheaf/domain/search/SearchRpcs"
import { Effect } from "effect"
import { withCaller } from "../edge/withCaller.ts"
import { Search } from "./Search.ts"

const group = SearchRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const search = yield* Search
  return group.of({ SearchQuery: withCaller(search.query) })
}))
