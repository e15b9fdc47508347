import { isRecord, type Json } from "../../parsing/json/lines.ts"
import type { JsonObject } from "../../parsing/notion/format.ts"

/** What says how something looks, who touched it and when, or how long an address is good for: not what it says. */
const passing = new Set([
  "annotations",
  "avatar_url",
  "bot",
  "children",
  "color",
  "cover",
  "expiry_time",
  "icon",
  "person",
  "request_id",
  "synced_from"
])

/** Levels within one value; Notion has a handful. */
const maxDepth = 40

/** Where Notion keeps a file changes with each answer; `text` says what `plain_text` does. */
const isPassing = (key: string, { plain_text, type }: JsonObject): boolean =>
  passing.has(key) || key === "file" && type === "file" || key === "text" && typeof plain_text === "string"

const kept = (value: Json, depth: number, within = ""): Json => {
  if (depth > maxDepth) return null
  if (Array.isArray(value)) return value.map((item: Json) => kept(item, depth + 1))
  return isRecord(value) ? keptOf(value, depth, within) : value
}

const keptOf = (object: JsonObject, depth: number, within: string): JsonObject =>
  Object.fromEntries(
    Object.entries(object)
      .filter(([key]) => !isPassing(key, object) && !(within === "custom_emoji" && key === "url"))
      .map(([key, item]) => [key, kept(item, depth + 1, key)])
  )

/** What of a block's content stays the same as long as nobody edits it. */
export const steadyContent = (content: JsonObject): JsonObject => keptOf(content, 0, "")

/** The same of a value. */
export const steadyValue = (value: Json): Json => kept(value, 0)

/** Values that change with every edit, whatever it changed. */
export const unsteadyTypes: ReadonlySet<string> = new Set(["last_edited_time", "last_edited_by"])
