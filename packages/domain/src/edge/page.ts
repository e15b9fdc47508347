import { Schema } from "effect"
import { PageCursor } from "../ids.ts"

/** What every list takes: how many items at the most, and where to go on. */
export const PageFields = {
  limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 200 }))),
  cursor: Schema.optionalKey(PageCursor)
} as const

/** What every list answers. `next` is absent on the last page; an item that exists throughout is listed exactly once. */
export const Page = <Item extends Schema.Top>(item: Item) =>
  Schema.Struct({
    items: Schema.Array(item),
    next: Schema.optionalKey(PageCursor),
    total: Schema.optionalKey(Schema.Int)
  })
