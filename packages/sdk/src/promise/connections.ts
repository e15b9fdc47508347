import type { Connection, SourceItem } from "@sheaf/domain/connections/Connection"
import type { ConnectionDeletion, ConnectionItemsOptions, NewConnection } from "../areas/Connections.ts"
import type { CallOptions, MutationOptions, PageOptions } from "../options.ts"
import { PageCall } from "./PageCall.ts"
import { pages } from "./pages.ts"
import { type Abortable, callSite, type Runner } from "./Runner.ts"

type Mutation = MutationOptions & Abortable

/** Workspaces elsewhere that documents come from. */
export interface ConnectionsClient {
  /** Asks Notion whose token it is before it is kept. */
  create(connection: NewConnection, options?: Mutation): Promise<Connection>
  get(connectionId: string, options?: CallOptions & Abortable): Promise<Connection>
  /** Oldest first. */
  list(options?: PageOptions & CallOptions & Abortable): PageCall<Connection>
  /** Another name, or another token of the same integration, which also connects again what was revoked or disabled. */
  update(connectionId: string, changes: Partial<NewConnection>, options?: Mutation): Promise<Connection>
  /** Asks whether the token is still accepted; where it is not, the answer is `revoked`. */
  check(connectionId: string, options?: Mutation): Promise<Connection>
  /** Nothing comes through it until it is enabled; the token is kept. */
  disable(connectionId: string, options?: Mutation): Promise<Connection>
  enable(connectionId: string, options?: Mutation): Promise<Connection>
  /** The token is forgotten for good; documents that came through it stay. */
  revoke(connectionId: string, options?: Mutation): Promise<Connection>
  /**
   * For good, with what datasets follow through it. Documents that came through it stay (`keep`), or an operation deletes them: the answer
   * names it; `null` where there is none to delete.
   */
  delete(connectionId: string, documents: "keep" | "delete", options?: Mutation): Promise<ConnectionDeletion>
  /** Pages and databases that the integration can see, those edited longest ago first. */
  items(connectionId: string, options?: ConnectionItemsOptions & Abortable): PageCall<SourceItem>
}

export const connectionsOf = (runner: Runner): ConnectionsClient => ({
  create(connection, options) {
    return runner.run(callSite(), (sheaf) => sheaf.connections.create(connection, options), options)
  },
  get(connectionId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.connections.get(connectionId, options), options)
  },
  list(options) {
    return pages(runner, (sheaf) => sheaf.connections, options ?? {})
  },
  update(connectionId, changes, options) {
    return runner.run(callSite(), (sheaf) => sheaf.connections.update(connectionId, changes, options), options)
  },
  check(connectionId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.connections.check(connectionId, options), options)
  },
  disable(connectionId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.connections.disable(connectionId, options), options)
  },
  enable(connectionId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.connections.enable(connectionId, options), options)
  },
  revoke(connectionId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.connections.revoke(connectionId, options), options)
  },
  delete(connectionId, documents, options) {
    return runner.run(callSite(), (sheaf) => sheaf.connections.delete(connectionId, documents, options), options)
  },
  items(connectionId, options = {}) {
    const site = callSite()
    return new PageCall(
      () => runner.run(site, (sheaf) => sheaf.connections.items(connectionId, options), options),
      () => runner.iterate(site, (sheaf) => sheaf.connections.everyItem(connectionId, options), options)
    )
  }
})
