import type { Connection, SourceItem } from "@sheaf/domain/connections/Connection"
import type { ConnectionId, PageCursor } from "@sheaf/domain/ids"
import type { Operation } from "@sheaf/domain/operations/Operation"
import type { Effect } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { CallError } from "../connection/rpc.ts"
import type { CallOptions, MutationOptions, Page, PageOptions } from "../options.ts"
import type { Feed } from "../streams/Feed.ts"
import { pageOf } from "./Datasets.ts"
import { everyItem } from "./pages.ts"

export interface NewConnection {
  /** Of an integration in Notion. It is sent and kept, and never answered. */
  readonly token: string
  /** Default: that of the workspace. */
  readonly name?: string
}

export interface ConnectionItemsOptions extends CallOptions {
  /** `next` of an earlier page. */
  readonly cursor?: string | undefined
}

export interface ConnectionDeletion {
  /** Deletes the documents that came through it. */
  readonly operation: Operation | null
}

/** Workspaces elsewhere that documents come from. */
export interface Connections {
  /** Asks Notion whose token it is before it is kept. */
  readonly create: (
    connection: NewConnection,
    options?: MutationOptions
  ) => Effect.Effect<Connection, CallError<"ConnectionsCreate">>
  readonly get: (connectionId: string, options?: CallOptions) => Effect.Effect<Connection, CallError<"ConnectionsGet">>
  /** One page, oldest first. */
  readonly list: (options?: PageOptions & CallOptions) => Effect.Effect<Page<Connection>, CallError<"ConnectionsList">>
  readonly all: (options?: PageOptions & CallOptions) => Feed<Connection, CallError<"ConnectionsList">>
  /** Another name, or another token of the same integration, which also connects again what was revoked or disabled. */
  readonly update: (
    connectionId: string,
    changes: Partial<NewConnection>,
    options?: MutationOptions
  ) => Effect.Effect<Connection, CallError<"ConnectionsUpdate">>
  /** Asks whether the token is still accepted; where it is not, the answer is `revoked`. */
  readonly check: (
    connectionId: string,
    options?: MutationOptions
  ) => Effect.Effect<Connection, CallError<"ConnectionsCheck">>
  /** Nothing comes through it until it is enabled; the token is kept. */
  readonly disable: (
    connectionId: string,
    options?: MutationOptions
  ) => Effect.Effect<Connection, CallError<"ConnectionsDisable">>
  readonly enable: (
    connectionId: string,
    options?: MutationOptions
  ) => Effect.Effect<Connection, CallError<"ConnectionsEnable">>
  /** The token is forgotten for good; documents that came through it stay. */
  readonly revoke: (
    connectionId: string,
    options?: MutationOptions
  ) => Effect.Effect<Connection, CallError<"ConnectionsRevoke">>
  /**
   * For good, with what datasets follow through it. Documents that came through it stay (`keep`), or an operation deletes them: the answer
   * names it; `null` where there is none to delete.
   */
  readonly delete: (
    connectionId: string,
    documents: "keep" | "delete",
    options?: MutationOptions
  ) => Effect.Effect<ConnectionDeletion, CallError<"ConnectionsDelete">>
  /** Pages and databases that the integration can see: one page, those edited longest ago first. */
  readonly items: (
    connectionId: string,
    options?: ConnectionItemsOptions
  ) => Effect.Effect<Page<SourceItem>, CallError<"ConnectionsItems">>
  readonly everyItem: (
    connectionId: string,
    options?: ConnectionItemsOptions
  ) => Feed<SourceItem, CallError<"ConnectionsItems">>
}

export const makeConnections = (calls: Calls): Connections => {
  const of = (connectionId: string) => ({ connectionId: connectionId as ConnectionId })
  const list: Connections["list"] = ({ cursor, limit, ...options } = {}) =>
    calls.query("ConnectionsList", pageOf({ cursor, limit }), options)
  const items: Connections["items"] = (connectionId, { cursor, ...options } = {}) =>
    calls.query("ConnectionsItems", {
      ...of(connectionId),
      ...(cursor !== undefined && { cursor: cursor as PageCursor })
    }, options)
  return {
    create: (connection, options) => calls.mutate("ConnectionsCreate", connection, options),
    get: (connectionId, options) => calls.query("ConnectionsGet", of(connectionId), options),
    list,
    all: (options = {}) => everyItem(list, options),
    update: (connectionId, changes, options) =>
      calls.mutate("ConnectionsUpdate", { ...of(connectionId), ...changes }, options),
    check: (connectionId, options) => calls.mutate("ConnectionsCheck", of(connectionId), options),
    disable: (connectionId, options) => calls.mutate("ConnectionsDisable", of(connectionId), options),
    enable: (connectionId, options) => calls.mutate("ConnectionsEnable", of(connectionId), options),
    revoke: (connectionId, options) => calls.mutate("ConnectionsRevoke", of(connectionId), options),
    delete: (connectionId, documents, options) =>
      calls.mutate("ConnectionsDelete", { ...of(connectionId), documents }, options),
    items,
    everyItem: (connectionId, options = {}) => everyItem((page) => items(connectionId, page), options)
  }
}
