import { Schema } from "effect"
import { ConnectionId } from "../ids.ts"
import { ConnectionState } from "./Connection.ts"

export class ConnectionNotFound extends Schema.TaggedError<ConnectionNotFound>()("ConnectionNotFound", {
  connectionId: ConnectionId
}) {
  override get message() {
    return `There is no connection ${this.connectionId}. List them with \`sheaf notion connections\`.`
  }
}

/** The integration is connected already: there is one connection for each integration of a workspace. */
export class ConnectionExists extends Schema.TaggedError<ConnectionExists>()("ConnectionExists", {
  connectionId: ConnectionId,
  workspace: Schema.String
}) {
  override get message() {
    return `This integration of the workspace "${this.workspace}" is connected already (${this.connectionId}). Give that connection the new token.`
  }
}

/** Another workspace or integration than the connection is for: documents that came through it would be lost to their pages. */
export class ConnectionMismatch extends Schema.TaggedError<ConnectionMismatch>()("ConnectionMismatch", {
  connectionId: ConnectionId,
  /** Of the token. */
  workspace: Schema.String
}) {
  override get message() {
    return `The token is not of the workspace of connection ${this.connectionId}, but of "${this.workspace}". Make a connection of its own for it.`
  }
}

/** It is disabled or revoked, or its token cannot be read any more. */
export class ConnectionUnusable extends Schema.TaggedError<ConnectionUnusable>()("ConnectionUnusable", {
  connectionId: ConnectionId,
  state: ConnectionState,
  reason: Schema.NullOr(Schema.String)
}) {
  override get message() {
    const why = this.reason === null ? "." : `: ${this.reason}`
    const todo = this.state === "disabled" ? "Enable it." : "Give it another token."
    return `Connection ${this.connectionId} is ${this.state}${why} ${todo}`
  }
}

/** The workspace does not accept the token. */
export class ConnectionRefused extends Schema.TaggedError<ConnectionRefused>()("ConnectionRefused", {
  reason: Schema.String
}) {
  override get message() {
    return `${this.reason} Make or copy the integration's token in Notion (Settings, Connections, Develop or manage integrations).`
  }
}

/** The workspace does not do what it was asked, and will not later either. */
export class SourceRefused extends Schema.TaggedError<SourceRefused>()("SourceRefused", {
  /** `restricted`: the integration lacks a capability. `notFound`: not there, or not shared with it. */
  problem: Schema.Literals(["restricted", "notFound", "invalid", "tooLarge"]),
  detail: Schema.String
}) {
  override get message() {
    return this.detail
  }
}

/** The workspace did not answer as it should; it may do so later. */
export class SourceUnavailable extends Schema.TaggedError<SourceUnavailable>()("SourceUnavailable", {
  problem: Schema.Literals(["rateLimited", "unavailable", "timedOut", "malformed"]),
  detail: Schema.String,
  retryAfterMs: Schema.optionalKey(Schema.Int)
}) {
  override get message() {
    return this.detail
  }
}
