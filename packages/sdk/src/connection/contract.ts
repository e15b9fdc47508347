import { InfoRpcs } from "@sheaf/domain/admin/InfoRpcs"
import { DatasetsRpcs } from "@sheaf/domain/datasets/DatasetsRpcs"
import { DocumentsRpcs } from "@sheaf/domain/documents/DocumentsRpcs"
import { Authentication, Edge } from "@sheaf/domain/edge/middleware"
import { EventsRpcs } from "@sheaf/domain/events/EventsRpcs"
import { SearchRpcs } from "@sheaf/domain/search/SearchRpcs"
import { Data, Effect } from "effect"
import type { Rpc } from "effect/rpc"

/** The rest of the contract did not come: the page that this client is part of has lost its own server. */
export class NotLoaded extends Data.TaggedError("NotLoaded")<{ readonly cause: unknown }> {}

/** What nearly every client asks for comes with it. */
const core = InfoRpcs.merge(DatasetsRpcs, DocumentsRpcs, EventsRpcs, SearchRpcs).middleware(Authentication).middleware(
  Edge
)

const find = (group: { readonly requests: ReadonlyMap<string, unknown> }, operation: string) =>
  group.requests.get(operation) as Rpc.AnyWithProps | undefined

/** An operation of the contract. All but the core is loaded by its first use: a page that searches needs nothing of it. */
export const load = (operation: string): Effect.Effect<Rpc.AnyWithProps, NotLoaded> => {
  const known = find(core, operation)
  if (known !== undefined) return Effect.succeed(known)
  return Effect.tryPromise({
    try: () => import("@sheaf/domain/ApiRpcs"),
    catch: (cause) => new NotLoaded({ cause })
  }).pipe(Effect.map(({ ApiRpcs }) => find(ApiRpcs, operation)!))
}
