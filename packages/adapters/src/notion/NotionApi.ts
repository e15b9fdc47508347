import type { ConnectionId } from "@sheaf/domain/ids"
import { Context, type Duration, type Effect, type Redacted, type Stream } from "effect"
import type { NotionError } from "./errors.ts"
import type { NotionBlock, NotionItem, NotionList, NotionPage, NotionWorkspace } from "./model.ts"

/** With what, and how patiently, a workspace is read. */
export interface NotionAccess {
  readonly token: Redacted.Redacted
  /** Whose budget the calls are on: all calls of a connection, from whatever process, share three a second. */
  readonly connectionId: ConnectionId
  /**
   * How long one call may wait: for its turn, for what Notion asks to wait, and between tries. What would take longer fails at once, with
   * `NotionRateLimited` that says when. Default 20 seconds.
   */
  readonly patience?: Duration.Input
}

/**
 * Reads one workspace. Each call is bounded in time, waits for its turn in the connection's budget, is tried again where that may help,
 * and answers lists to their end or fails: nothing is ever cut short in silence. Ids may be given with or without hyphens.
 */
export interface NotionReader {
  /** Whose token it is. */
  readonly check: Effect.Effect<NotionWorkspace, NotionError>
  /**
   * Everything that the integration can see, up to 100 a call, those that were edited longest ago first: what is edited while somebody goes
   * through comes again at the end, and nothing is left out. Begins without a cursor. A cursor that Notion no longer knows is `NotionInvalid`,
   * and `NotionTooLarge` where Notion shows no more of a list although there is more.
   */
  readonly list: (cursor?: string) => Effect.Effect<NotionList<NotionItem>, NotionError>
  readonly page: (id: string) => Effect.Effect<NotionPage, NotionError>
  /** A source of a database. Its rows are pages. */
  readonly database: (id: string) => Effect.Effect<NotionItem, NotionError>
  /** The sources of a database, by the id that a `child_database` block names; at least one, and mostly that. */
  readonly sources: (databaseId: string) => Effect.Effect<ReadonlyArray<NotionItem>, NotionError>
  /** The rows of a database that are not in the trash, up to 100 a call, oldest edit first as in `list`, with all their values. */
  readonly rows: (id: string, cursor?: string) => Effect.Effect<NotionList<NotionPage>, NotionError>
  /**
   * All blocks of a page in document order, children after their parent and one deeper. Read as they are taken: memory is bounded by the depth.
   * A copy of a synced block has the children of its original. Pages and databases within the page are named, not entered. Fails with
   * `NotionTooLarge` beyond 50,000 blocks or 100 levels.
   */
  readonly blocks: (pageId: string) => Stream.Stream<NotionBlock, NotionError>
}

/** Notion's API, as much of it as it takes to read a workspace. */
export class NotionApi extends Context.Service<NotionApi, {
  /** Calls nobody yet. */
  readonly reader: (access: NotionAccess) => NotionReader
}>()("@sheaf/adapters/notion/NotionApi") {}
