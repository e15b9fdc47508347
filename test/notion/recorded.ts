import { Schema } from "effect"
import { readFileSync } from "node:fs"

const Thing = Schema.Record(Schema.String, Schema.Json)
const Typed = Schema.StructWithRest(Schema.Struct({ type: Schema.String }), [Schema.Record(Schema.String, Schema.Json)])

const Recorded = Schema.Struct({
  /** One of each type. */
  blocks: Schema.Array(Typed),
  properties: Schema.Array(Typed),
  mentions: Schema.Array(Typed),
  /** One of each shape. */
  answers: Schema.Struct({
    bot: Thing,
    page: Thing,
    source: Thing,
    database: Thing,
    error: Thing,
    children: Thing,
    rows: Thing,
    search: Thing,
    items: Thing
  })
})

/** What Notion was recorded to answer; the README beside it says by whom. */
export const recorded = Schema.decodeSync(Schema.fromJsonString(Recorded))(
  readFileSync(new URL("../fixtures/notion/recorded.json", import.meta.url), "utf8")
)
