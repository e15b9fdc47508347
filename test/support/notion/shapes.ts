import { DateTime } from "effect"
import type { Block, Json, Page, Parent, Source, Workspace } from "./Workspace.ts"
import { text } from "./Workspace.ts"

// What the API's answers look like in version 2025-09-03.

/** Values that refer to more than this are cut in a page. */
const shownReferences = 25

const user = { object: "user", id: "00000000-0000-4000-8000-0000000000f1" } as const

/** As Notion writes times. */
export const timeText = (millis: number): string => DateTime.formatIso(DateTime.makeUnsafe(millis))

const bare = (id: string): string => id.replaceAll("-", "")

/** `integration` tells those of one workspace apart. */
export const botShape = ({ id, name }: Workspace, integration = ""): Json => ({
  ...user,
  ...(integration !== "" && { id: integration }),
  name: "Sheaf",
  avatar_url: null,
  type: "bot",
  bot: { owner: { type: "workspace", workspace: true }, workspace_name: name, workspace_id: id }
})

const parentShape = (parent: Parent, workspace: Workspace): Json => {
  if (parent.kind === "workspace") return { type: "workspace", workspace: true }
  if (parent.kind === "page") return { type: "page_id", page_id: parent.id }
  if (parent.kind === "block") return { type: "block_id", block_id: parent.id }
  const databaseId = workspace.sources.get(parent.id)?.databaseId ?? parent.id
  return { type: "data_source_id", data_source_id: parent.id, database_id: databaseId }
}

const stamps = ({ createdAt, editedAt, trashed }: Page | Source) => ({
  created_time: timeText(createdAt),
  last_edited_time: timeText(editedAt),
  created_by: user,
  last_edited_by: user,
  cover: null,
  icon: null,
  in_trash: trashed,
  is_archived: trashed,
  is_locked: false,
  archived: trashed,
  public_url: null
})

const cut = (value: Json): { readonly value: Json; readonly more: boolean } =>
  Array.isArray(value) && value.length > shownReferences
    ? { value: value.slice(0, shownReferences), more: true }
    : { value, more: false }

export const pageShape = (page: Page, workspace: Workspace): Json => ({
  object: "page",
  id: page.id,
  ...stamps(page),
  parent: parentShape(page.parent, workspace),
  properties: Object.fromEntries([
    ...Object.entries(page.properties).map(([name, { id, type, value }]) => {
      const shown = cut(value)
      return [name, { id, type, [type]: shown.value, ...(type === "relation" && { has_more: shown.more }) }] as const
    }),
    [page.parent.kind === "database" ? "Name" : "title", {
      id: "title",
      type: "title",
      title: text(page.title)
    }] as const
  ]),
  url: `https://app.notion.com/p/${bare(page.id)}`
})

export const sourceShape = (source: Source, workspace: Workspace): Json => ({
  object: "data_source",
  id: source.id,
  ...stamps(source),
  title: text(source.title),
  description: [],
  is_inline: false,
  properties: { Name: { id: "title", name: "Name", description: null, type: "title", title: {} } },
  parent: { type: "database_id", database_id: source.databaseId },
  database_parent: parentShape(source.parent, workspace),
  url: `https://app.notion.com/p/${bare(source.databaseId)}`
})

export const databaseShape = (source: Source, workspace: Workspace): Json => ({
  object: "database",
  id: source.databaseId,
  ...stamps(source),
  title: text(source.title),
  description: [],
  is_inline: false,
  parent: parentShape(source.parent, workspace),
  data_sources: [{ id: source.id, name: source.title }],
  url: `https://app.notion.com/p/${bare(source.databaseId)}`
})

/** Where a hosted file is for an hour; no two answers give the same address. */
export type Signer = (name: string) => { readonly url: string; readonly expiry_time: string }

const isObject = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** What a test wrote, with hosted files as Notion shows them. */
const shown = (value: Json, sign: Signer): Json => {
  if (Array.isArray(value)) return value.map((item: Json) => shown(item, sign))
  if (!isObject(value)) return value
  const { hosted, ...rest } = value
  const others = Object.fromEntries(Object.entries(rest).map(([key, item]) => [key, shown(item, sign)]))
  return typeof hosted === "string" ? { ...others, type: "file", file: sign(hosted) } : others
}

export const blockShape = ({ children, content, id, type }: Block, parentId: string, sign: Signer): Json => ({
  object: "block",
  id,
  parent: { type: "page_id", page_id: parentId },
  created_time: timeText(0),
  last_edited_time: timeText(0),
  created_by: user,
  last_edited_by: user,
  has_children: children.length > 0 || type === "child_page" || type === "child_database",
  in_trash: false,
  archived: false,
  type,
  [type]: shown(content, sign)
})

export const errorShape = (status: number, code: string, message: string): Json => ({
  object: "error",
  status,
  code,
  message,
  request_id: "00000000-0000-4000-8000-000000000001"
})
