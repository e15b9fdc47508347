import { InfoRpcs } from "@sheaf/domain/admin/InfoRpcs"
import { DatasetsRpcs } from "@sheaf/domain/datasets/DatasetsRpcs"
import { DocumentsRpcs } from "@sheaf/domain/documents/DocumentsRpcs"
import { Authentication, Edge } from "@sheaf/domain/edge/middleware"
import { SearchRpcs } from "@sheaf/domain/search/SearchRpcs"
import { Effect } from "effect"
import type { Rpc } from "effect/rpc"
import { loadRest, type NotLoaded } from "./rest.ts"

/** What nearly every client asks for comes with it. */
const core = InfoRpcs.merge(DatasetsRpcs, DocumentsRpcs, SearchRpcs).middleware(Authentication).middleware(Edge)

const find = (group: { readonly requests: ReadonlyMap<string, unknown> }, operation: string) =>
  group.requests.get(operation) as Rpc.AnyWithProps | undefined

/** An operation of the contract. All but the core is loaded by its first use: a page that searches needs nothing of it. */
export const load = (operation: string): Effect.Effect<Rpc.AnyWithProps, NotLoaded> => {
  const known = find(core, operation)
  if (known !== undefined) return Effect.succeed(known)
  return Effect.map(loadRest, ({ ApiRpcs }) => find(ApiRpcs, operation)!)
}
