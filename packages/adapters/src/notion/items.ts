import { DateTime } from "effect"
import type { AnsweredPage, AnsweredParent, AnsweredSource } from "./answers.ts"
import { canonicalId } from "./ids.ts"
import type { NotionItem, NotionParent } from "./model.ts"

// From Notion's words to ours.

const named = (kind: NotionParent["kind"], id: string | undefined): NotionParent => ({
  kind,
  id: id === undefined ? null : canonicalId(id) ?? id
})

const parentOf = (parent: AnsweredParent | null | undefined): NotionParent => {
  switch (parent?.type) {
    case "workspace":
      return named("workspace", undefined)
    case "page_id":
      return named("page", parent.page_id)
    case "block_id":
      return named("block", parent.block_id)
    case "data_source_id":
      return named("database", parent.data_source_id)
    case "database_id":
      return named("database", parent.data_source_id ?? parent.database_id)
    default:
      return named("unknown", undefined)
  }
}

const timeOf = (text: string): Date => DateTime.toDateUtc(DateTime.makeUnsafe(text))

const commonOf = (answer: AnsweredPage | AnsweredSource) => ({
  id: canonicalId(answer.id) ?? answer.id,
  url: answer.url ?? "",
  createdAt: timeOf(answer.created_time),
  editedAt: timeOf(answer.last_edited_time),
  trashed: answer.in_trash === true || answer.archived === true
})

const plain = (texts: unknown): string =>
  Array.isArray(texts)
    ? texts.map((text: unknown) => {
      const plain: unknown = typeof text === "object" && text !== null ? Reflect.get(text, "plain_text") : ""
      return typeof plain === "string" ? plain : ""
    }).join("")
    : ""

export const pageItem = (answer: AnsweredPage): NotionItem & { readonly kind: "page" } => ({
  ...commonOf(answer),
  kind: "page",
  databaseId: null,
  title: plain(Object.values(answer.properties ?? {}).find(({ type }) => type === "title")?.["title"]),
  parent: parentOf(answer.parent)
})

export const sourceItem = (answer: AnsweredSource): NotionItem => {
  const isSource = answer.object === "data_source"
  const databaseId = isSource ? answer.parent?.database_id : answer.id
  return {
    ...commonOf(answer),
    kind: "database",
    databaseId: databaseId === undefined ? null : canonicalId(databaseId) ?? databaseId,
    title: plain(answer.title),
    parent: parentOf(isSource ? answer.database_parent : answer.parent)
  }
}
