import { codeLanguage } from "@sheaf/domain/documents/codeLanguage"
import { isRecord, type Json } from "../json/lines.ts"
import type { JsonObject } from "./format.ts"
import { richText } from "./richText.ts"

/** What becomes of a block. */
export type Role =
  | { readonly role: "title"; readonly level: number; readonly text: string }
  | { readonly role: "paragraph"; readonly text: string }
  | { readonly role: "item"; readonly list: "bullets" | "tasks"; readonly marker: string; readonly text: string }
  | { readonly role: "numbered"; readonly start: number | undefined; readonly text: string }
  | { readonly role: "code"; readonly language: string | undefined; readonly text: string; readonly caption: string }
  | { readonly role: "table"; readonly hasHeader: boolean }
  | { readonly role: "row"; readonly cells: ReadonlyArray<string> }
  /** A picture or another file; `text` is what is said of it, or what it is called. */
  | { readonly role: "file"; readonly isPicture: boolean; readonly text: string }
  /** Nothing of its own: what is in it stands for itself. */
  | { readonly role: "nothing" }
  | { readonly role: "unknown"; readonly type: string; readonly text: string }

const objectAt = (content: JsonObject, key: string): JsonObject => {
  const value = content[key] ?? null
  return isRecord(value) ? value : {}
}

const textAt = (content: JsonObject, key: string): string => {
  const value = content[key]
  return typeof value === "string" ? value : ""
}

const linked = (content: JsonObject): string =>
  [richText(content["caption"]), textAt(content, "url")].filter((part) => part !== "").join(" ")

/** What is said of a file, or its name, or where it lies for good. */
const fileText = (content: JsonObject): string => {
  const caption = richText(content["caption"])
  return caption !== "" ? caption : textAt(content, "name") || textAt(objectAt(content, "external"), "url")
}

const cellsOf = (cells: Json | undefined): ReadonlyArray<string> =>
  Array.isArray(cells) ? cells.map((cell) => richText(cell)) : []

/** The page's title is above all headings. */
const levels: Readonly<Record<string, number>> = { heading_1: 2, heading_2: 3, heading_3: 4, heading_4: 5 }

/** Furniture, and blocks that only hold others. */
const quiet = new Set([
  "breadcrumb",
  "column",
  "column_list",
  "divider",
  // It names a page by its id alone.
  "link_to_page",
  "synced_block",
  "tab",
  "table_of_contents"
])

export const roleOf = (type: string, content: JsonObject): Role => {
  const level = levels[type]
  const text = richText(content["rich_text"])
  if (level !== undefined) return { role: "title", level, text }
  if (quiet.has(type)) return { role: "nothing" }
  switch (type) {
    case "paragraph":
    case "toggle":
    case "quote":
    case "callout":
    case "template":
      return { role: "paragraph", text }
    case "bulleted_list_item":
      return { role: "item", list: "bullets", marker: "- ", text }
    case "to_do":
      return { role: "item", list: "tasks", marker: content["checked"] === true ? "- [x] " : "- [ ] ", text }
    case "numbered_list_item": {
      const start = content["list_start_index"]
      return { role: "numbered", start: typeof start === "number" ? start : undefined, text }
    }
    case "code":
      return {
        role: "code",
        language: codeLanguage(textAt(content, "language")),
        text,
        caption: richText(content["caption"])
      }
    case "equation":
      return { role: "paragraph", text: textAt(content, "expression") }
    case "table":
      return { role: "table", hasHeader: content["has_column_header"] === true }
    case "table_row":
      return { role: "row", cells: cellsOf(content["cells"]) }
    case "child_page":
    case "child_database":
      return { role: "paragraph", text: textAt(content, "title") }
    case "meeting_notes":
    case "transcription":
      return { role: "paragraph", text: richText(content["title"]) }
    case "bookmark":
    case "embed":
    case "link_preview":
      return { role: "paragraph", text: linked(content) }
    case "image":
      return { role: "file", isPicture: true, text: richText(content["caption"]) }
    case "file":
    case "pdf":
    case "video":
    case "audio":
      return { role: "file", isPicture: false, text: fileText(content) }
    case "unsupported":
      return { role: "unknown", type: textAt(content, "block_type") || "unsupported", text: "" }
    default:
      return { role: "unknown", type, text }
  }
}
