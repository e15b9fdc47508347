import { Schema } from "effect"
import { Actor } from "../edge/Caller.ts"
import { ConnectionId } from "../ids.ts"
import { isStorable } from "../text.ts"
import { Timestamp } from "../time.ts"

/**
 * - `connected`: it is used.
 * - `disabled`: somebody switched it off; the token is kept.
 * - `revoked`: Notion no longer accepts the token, or it was taken back here. Another token makes it `connected` again.
 */
export const ConnectionState = Schema.Literals(["connected", "disabled", "revoked"])
export type ConnectionState = typeof ConnectionState.Type

export const ConnectionName = Schema.String.check(Schema.isBetweenLength(1, 120), Schema.isTrimmed(), isStorable)

/** Of an integration. What is sent as a header must be printable; Notion's own begin with `ntn_` or `secret_`. */
export const NotionToken = Schema.String.check(Schema.isPattern(/^[!-~]{1,500}$/))

/** The credential of a workspace elsewhere, without the credential: nobody is ever shown that. */
export class Connection extends Schema.Class<Connection>("@sheaf/domain/connections/Connection/Connection")({
  id: ConnectionId,
  kind: Schema.Literal("notion"),
  name: Schema.String,
  workspace: Schema.Struct({ id: Schema.String, name: Schema.String }),
  /** The integration, as it is called in the workspace. */
  integration: Schema.Struct({ id: Schema.String, name: Schema.String }),
  state: ConnectionState,
  /** Why it is in this state, where there is more to say. */
  reason: Schema.NullOr(Schema.String),
  stateChangedAt: Timestamp,
  /** When the workspace last accepted the token. */
  checkedAt: Timestamp,
  createdBy: Actor,
  createdAt: Timestamp
}) {}

/** Something in a workspace that may be brought in. */
export const SourceItem = Schema.Struct({
  /** In the workspace: what a sync is told to bring in. */
  id: Schema.String,
  kind: Schema.Literals(["page", "database"]),
  /** Empty where it has none. */
  title: Schema.String,
  url: Schema.String,
  parent: Schema.Struct({
    kind: Schema.Literals(["workspace", "page", "database", "block", "unknown"]),
    id: Schema.NullOr(Schema.String)
  }),
  /** As the workspace says; Notion rounds it down to the minute. */
  editedAt: Timestamp,
  /** In the workspace's trash. */
  trashed: Schema.Boolean
})
export type SourceItem = typeof SourceItem.Type
