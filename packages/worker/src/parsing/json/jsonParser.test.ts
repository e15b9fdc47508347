import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { outline, parseContent } from "../testFile.ts"
import { arrayItems } from "./arrayItems.ts"

const parseJson = (content: string) => parseContent(content, "a.json", { as: "application/json" })
const parseLines = (content: string) => parseContent(content, "a.jsonl", { as: "application/x-ndjson" })

describe("jsonParser", () => {
  it.effect("makes rows of flat records, and lines of everything else", () =>
    Effect.gen(function*() {
      const value = {
        title: "Pumps",
        users: [{ id: 1, name: "Ann" }, { id: 2, tags: ["a", "b"] }],
        address: { city: "Oslo", geo: { lat: 1.5 }, none: null },
        steps: [{ do: { x: true } }, "text"],
        "odd key.x": 3
      }
      assert.deepStrictEqual(outline(yield* parseJson(JSON.stringify(value))), [
        "list: title: Pumps\naddress.city: Oslo\naddress.geo.lat: 1.5\n[\"odd key.x\"]: 3",
        "title1: users",
        "table: id | name | tags\n1 | Ann | \n2 |  | a, b",
        "title1: steps",
        "list: steps[0].do.x: true",
        "list: text"
      ])
      assert.deepStrictEqual(outline(yield* parseJson(`["a\\nb", 1, {"k": "v"}]`)), ["list: a b\n1", "table: k\nv"])
    }))

  it.effect("reads a long array item by item", () =>
    Effect.gen(function*() {
      const items = Array.from(
        { length: 9_000 },
        (_, id) => ({ id, note: `some words ], "and" {more} ${"x".repeat(1_000)}` })
      )
      const { elements } = yield* parseJson(JSON.stringify(items))
      const ids = elements.flatMap(({ rows }) => rows!.slice(1).map(([id]) => Number(id)))
      assert.deepStrictEqual(ids, items.map(({ id }) => id))
    }), 20_000)

  it.effect("reads what only looks like JSON as text", () =>
    Effect.gen(function*() {
      const parsed = yield* parseJson("// settings\n{ \"a\": 1, }\n")
      assert.deepStrictEqual(outline(parsed), ["code: // settings\n{ \"a\": 1, }"])
      assert.match(parsed.warnings[0]!.detail, /not valid JSON/)
    }))

  it.effect("refuses what is nested without end, and what is too long to be read", () =>
    Effect.gen(function*() {
      const failureOf = (content: string) => Effect.map(Effect.flip(parseJson(content)), ({ failure }) => failure)
      const deep = yield* failureOf(`${"[".repeat(100_000)}1${"]".repeat(100_000)}`)
      assert.strictEqual(deep._tag === "TooLarge" && deep.what, "levels of nesting")
      const long = yield* failureOf(`["${"x".repeat(9_000_000)}"]`)
      assert.strictEqual(long._tag === "TooLarge" && long.what, "characters in one item of an array")
      assert.strictEqual((yield* failureOf(`{"a":"${"x".repeat(9_000_000)}"}`))._tag, "Corrupt")
      assert.strictEqual((yield* failureOf(`[${`"${"x".repeat(1_000)}",`.repeat(9_000)}`))._tag, "Corrupt")
    }), 20_000)
})

describe("arrayItems", () => {
  it.effect("gives the items of any array, however its text is cut", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(fc.array(fc.jsonValue()), fc.integer({ min: 1, max: 7 }), async (value, size) => {
          const text = ` ${JSON.stringify(value, null, 1)}\n`
          const parts = async function*() {
            for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
          }
          const items: Array<unknown> = []
          for await (const item of arrayItems(parts())) items.push(item)
          assert.deepStrictEqual(items, JSON.parse(text))
        }),
        { numRuns: 50 }
      )
    ))
})

describe("jsonLinesParser", () => {
  it.effect("gives an element a record, and keeps a line that is none", () =>
    Effect.gen(function*() {
      const parsed = yield* parseLines(`{"q":"What?","a":{"b":[1,2]}}\r\nnot json\n\n{"q":"last"}`)
      assert.deepStrictEqual(outline(parsed), ["list: q: What?\na.b: 1, 2", "code: not json", "list: q: last"])
      assert.match(parsed.warnings[0]!.detail, /line 2/)
    }))

  it.effect("refuses a line without end", () =>
    Effect.gen(function*() {
      const { failure } = yield* Effect.flip(parseLines(`"${"x".repeat(9_000_000)}`))
      assert.strictEqual(failure._tag === "TooLarge" && failure.what, "characters in one line")
    }))
})
