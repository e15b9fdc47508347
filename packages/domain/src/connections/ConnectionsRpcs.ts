import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { BadRequest } from "../edge/errors.ts"
import { mutation } from "../edge/mutation.ts"
import { Page, PageFields } from "../edge/page.ts"
import { ConnectionId, PageCursor } from "../ids.ts"
import { Operation } from "../operations/Operation.ts"
import { Connection, ConnectionName, NotionToken, SourceItem } from "./Connection.ts"
import {
  ConnectionExists,
  ConnectionMismatch,
  ConnectionNotFound,
  ConnectionRefused,
  ConnectionUnusable,
  SourceRefused,
  SourceUnavailable
} from "./errors.ts"

const one = { connectionId: ConnectionId } as const

/** Workspaces elsewhere that documents come from. Tokens are taken and never answered. */
export class ConnectionsRpcs extends RpcGroup.make(
  /** Asks Notion whose token it is before it is kept. Without a name it has that of the workspace. */
  mutation("ConnectionsCreate", {
    payload: { token: NotionToken, name: Schema.optionalKey(ConnectionName) },
    success: Connection,
    error: Schema.Union([ConnectionExists, ConnectionRefused, SourceRefused, SourceUnavailable, BadRequest])
  }),
  Rpc.make("ConnectionsGet", { payload: one, success: Connection, error: ConnectionNotFound }),
  /** Oldest first. */
  Rpc.make("ConnectionsList", { payload: PageFields, success: Page(Connection), error: BadRequest }),
  /** Another name, or another token of the same integration; that also connects again what was revoked or disabled. */
  mutation("ConnectionsUpdate", {
    payload: { ...one, token: Schema.optionalKey(NotionToken), name: Schema.optionalKey(ConnectionName) },
    success: Connection,
    error: Schema.Union([
      ConnectionNotFound,
      ConnectionMismatch,
      ConnectionRefused,
      SourceRefused,
      SourceUnavailable,
      BadRequest
    ])
  }),
  /** Asks Notion whether it still accepts the token. Where it does not, the connection that is answered is `revoked`. */
  mutation("ConnectionsCheck", {
    payload: one,
    success: Connection,
    error: Schema.Union([ConnectionNotFound, ConnectionUnusable, SourceRefused, SourceUnavailable])
  }),
  /** Nothing comes through it until it is enabled; the token is kept. */
  mutation("ConnectionsDisable", {
    payload: one,
    success: Connection,
    error: Schema.Union([ConnectionNotFound, ConnectionUnusable])
  }),
  mutation("ConnectionsEnable", {
    payload: one,
    success: Connection,
    error: Schema.Union([ConnectionNotFound, ConnectionUnusable])
  }),
  /** The token is forgotten for good. Documents that came through it stay. In Notion the integration is removed by hand. */
  mutation("ConnectionsRevoke", { payload: one, success: Connection, error: ConnectionNotFound }),
  /**
   * For good, with its token, with what datasets follow through it and the history of that. Its syncs that are at work end as failed, with
   * `ConnectionGone`. Documents that came through it stay as they are (`keep`), or an operation deletes them: the answer names it; `null` where
   * there is none to delete.
   */
  mutation("ConnectionsDelete", {
    payload: { ...one, documents: Schema.Literals(["keep", "delete"]) },
    success: Schema.Struct({ operation: Schema.NullOr(Operation) }),
    error: ConnectionNotFound
  }),
  /**
   * Pages and databases that the integration can see, those edited longest ago first, as many at a time as Notion gives. What is edited while
   * somebody goes through comes again at the end; nothing is left out.
   */
  Rpc.make("ConnectionsItems", {
    payload: { ...one, cursor: Schema.optionalKey(PageCursor) },
    success: Page(SourceItem),
    error: Schema.Union([ConnectionNotFound, ConnectionUnusable, SourceRefused, SourceUnavailable, BadRequest])
  })
) {}
