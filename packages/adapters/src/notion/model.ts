import type { Schema } from "effect"

/** What a token opens. */
export interface NotionWorkspace {
  readonly id: string
  readonly name: string
  /** The integration's user: what the integration is called in Notion. */
  readonly bot: { readonly id: string; readonly name: string }
}

/** What something lies in. `block`: within the content of a page. `database`: a row of it, by the id of the source. */
export interface NotionParent {
  readonly kind: "workspace" | "page" | "database" | "block" | "unknown"
  /** Null for the workspace, and where Notion does not say. */
  readonly id: string | null
}

/**
 * A page, or a database. A database in Notion has one or more sources, each with rows of its own; what is called a database here is
 * such a source (`data_source` of Notion's API since 2025-09-03).
 */
export interface NotionItem {
  /** In lower case with hyphens, whatever form Notion gave. */
  readonly id: string
  readonly kind: "page" | "database"
  /** Of a database: the one that the source belongs to, as `child_database` blocks name it. */
  readonly databaseId: string | null
  /** Plain text, may be empty: a page without a title. */
  readonly title: string
  readonly url: string
  readonly parent: NotionParent
  readonly createdAt: Date
  /** Notion rounds it down to the minute: an edit within a minute of the one before does not show. */
  readonly editedAt: Date
  /** In Notion's trash (or archived, as it was called): nobody sees it there any more. */
  readonly trashed: boolean
}

/** A value of a page: `value` is what Notion gives under the name of the type, whole (long ones have been read to their end). */
export interface NotionProperty {
  readonly name: string
  /** Of the property in its database. */
  readonly id: string
  /** Notion's name of the type, of a kind that we know or not. */
  readonly type: string
  readonly value: Schema.Json
}

export interface NotionPage extends NotionItem {
  readonly kind: "page"
  /** In the order of Notion's answer, the title among them. */
  readonly properties: ReadonlyArray<NotionProperty>
}

/** A block of a page, of whatever type. */
export interface NotionBlock {
  readonly id: string
  /** Notion's name: `paragraph`, `heading_1`. Also one that we do not know. */
  readonly type: string
  /** 0 for what stands on the page itself. */
  readonly depth: number
  /** What Notion gives under the name of the type; `{}` if there is nothing. */
  readonly content: { readonly [key: string]: Schema.Json }
  /** Why its children are not there: they do not follow, and the rest of the page does. */
  readonly missing?: NotionMissing
}

/**
 * `cycle`: a synced block within itself. `source`: the block that a synced one is a copy of is gone, or not shared with the integration.
 */
export type NotionMissing = "cycle" | "source"

/** One page of a list. `next` is absent on the last. */
export interface NotionList<A> {
  readonly items: ReadonlyArray<A>
  readonly next?: string
}
