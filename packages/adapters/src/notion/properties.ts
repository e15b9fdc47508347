import { Effect, type Schema } from "effect"
import { AnsweredItem, type AnsweredPage, type AnsweredProperty, decode, readList } from "./answers.ts"
import type { Asking } from "./Caller.ts"
import { type NotionError, NotionTooLarge } from "./errors.ts"
import { pageItem } from "./items.ts"
import type { NotionPage, NotionProperty } from "./model.ts"

/** Notion shows the first 25 of what a value refers to; the rest has to be asked for (developers.notion.com, "Retrieve a page"). */
const shown = 25

/** Items of one value. */
const maxItems = 10_000

const listed = new Set(["title", "rich_text", "relation", "people"])

const isLong = (value: Schema.Json | undefined): boolean => Array.isArray(value) && value.length >= shown

const isCut = ({ type = "", ...rest }: AnsweredProperty): boolean => {
  const value = rest[type]
  if (listed.has(type)) return rest["has_more"] === true || isLong(value)
  return type === "rollup" && isRecord(value) && value["type"] === "array" && isLong(value["array"])
}

const isRecord = (value: Schema.Json | undefined): value is Schema.JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const decodeItem = decode(AnsweredItem)

/** All items of a value, one after another. */
const itemsOf = Effect.fnUntraced(function*(ask: Asking, pageId: string, propertyId: string) {
  const found: Array<Schema.JsonObject> = []
  for (let cursor: string | undefined;;) {
    // Notion gives ids of properties encoded already.
    const path = `pages/${pageId}/properties/${
      /^[\w%~.-]+$/.test(propertyId) ? propertyId : encodeURIComponent(propertyId)
    }`
    const answer = yield* ask({
      method: "get",
      path,
      query: { page_size: 100, ...(cursor !== undefined && { start_cursor: cursor }) },
      about: { what: "page", id: pageId }
    })
    const { next, results } = yield* readList(answer, cursor)
    found.push(...yield* Effect.forEach(results, decodeItem))
    if (found.length > maxItems) return yield* new NotionTooLarge({ what: "items in one value", limit: maxItems })
    if (next === undefined) return found
    cursor = next
  }
})

const whole = Effect.fnUntraced(function*(
  ask: Asking,
  pageId: string,
  property: AnsweredProperty
): Effect.fn.Return<Schema.Json, NotionError> {
  const { id = "", type = "" } = property
  const value = property[type] ?? null
  if (!isCut(property)) return value
  const items = yield* itemsOf(ask, pageId, id)
  if (!isRecord(value)) return items.map((item) => item[type] ?? null)
  return {
    ...value,
    array: items.map((item): Schema.Json => {
      const of = typeof item["type"] === "string" ? item["type"] : ""
      return { type: of, [of]: item[of] ?? null }
    })
  }
})

/** A page with all its values, whatever of them Notion has left out at first. */
export const pageOf = Effect.fnUntraced(function*(
  ask: Asking,
  answer: AnsweredPage
): Effect.fn.Return<NotionPage, NotionError> {
  const item = pageItem(answer)
  const properties = yield* Effect.forEach(
    Object.entries(answer.properties ?? {}),
    ([name, property]): Effect.Effect<NotionProperty, NotionError> =>
      Effect.map(whole(ask, item.id, property), (value) => ({
        name,
        id: property.id ?? "",
        type: property.type ?? "unsupported",
        value
      }))
  )
  const title = properties.find(({ type }) => type === "title")?.value
  return { ...item, title: plainOf(title) ?? item.title, properties }
})

const plainOf = (value: Schema.Json | undefined): string | undefined =>
  Array.isArray(value)
    ? value.map((text: Schema.Json) =>
      isRecord(text) && typeof text["plain_text"] === "string" ? text["plain_text"] : ""
    )
      .join("")
    : undefined
