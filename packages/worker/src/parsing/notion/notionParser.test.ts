import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { parseContent } from "../testFile.ts"
import { type Line, readLine, writeLine } from "./format.ts"

type Block = Extract<Line, { readonly kind: "block" }>

const words = (text: string) => [{ type: "text", plain_text: text, href: null }]

const block = (type: string, text: string, depth = 0, more: Block["content"] = {}): Block => ({
  kind: "block",
  type,
  depth,
  content: { rich_text: words(text), ...more }
})

const row = (depth: number, ...cells: ReadonlyArray<string>): Block => ({
  kind: "block",
  type: "table_row",
  depth,
  content: { cells: cells.map(words) }
})

const head: Line = { kind: "page", title: "", properties: [] }

const parsed = (lines: ReadonlyArray<Line>) =>
  parseContent([head, ...lines].map((line) => `${writeLine(line)}\n`).join(""), "page")

const shown = (lines: ReadonlyArray<Line>) =>
  Effect.map(parsed(lines), ({ elements }) => elements.map(({ kind, text }) => `${kind}: ${text}`))

describe("notionParser", () => {
  it.effect("puts items that follow each other into one list, numbers each run anew, and ends it where something else begins", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* shown([
          block("numbered_list_item", "one"),
          block("bulleted_list_item", "below", 1),
          block("paragraph", "more of it", 2),
          block("numbered_list_item", "two"),
          block("to_do", "done", 1, { checked: true }),
          block("paragraph", "between"),
          block("numbered_list_item", "again"),
          block("numbered_list_item", "on", 0, { list_start_index: 7 }),
          block("numbered_list_item", "and on"),
          block("code", "in an item", 1),
          block("numbered_list_item", "last")
        ]),
        [
          "list: 1. one\n  - below\n    more of it\n2. two\n  - [x] done",
          "paragraph: between",
          "list: 1. again",
          "list: 7. on\n8. and on",
          "code: in an item",
          "list: 9. last"
        ]
      )
    }))

  it.effect("keeps lists of different kinds apart that stand beside each other, and in each what is nested", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* shown([
          block("bulleted_list_item", "a"),
          block("numbered_list_item", "first", 1),
          block("bulleted_list_item", "deep", 2),
          block("numbered_list_item", "second", 1),
          block("to_do", "beside", 1),
          block("numbered_list_item", "anew", 1),
          block("bulleted_list_item", "b"),
          block("numbered_list_item", "one"),
          block("numbered_list_item", "two"),
          block("to_do", "open"),
          block("to_do", "done", 0, { checked: true }),
          block("bulleted_list_item", "c"),
          block("divider", ""),
          block("bulleted_list_item", "d"),
          block("column", "", 0),
          block("numbered_list_item", "left", 1),
          block("column", "", 0),
          block("numbered_list_item", "right", 1)
        ]),
        [
          "list: - a\n  1. first\n    - deep\n  2. second\n  - [ ] beside\n  1. anew\n- b",
          "list: 1. one\n2. two",
          "list: - [ ] open\n- [x] done",
          "list: - c",
          "list: - d",
          "list: 1. left",
          "list: 1. right"
        ]
      )
    }))

  it.effect("keeps what code is written in", () =>
    Effect.gen(function*() {
      const { elements } = yield* parsed([
        block("code", "print(1)", 0, { language: "python" }),
        block("code", "a word", 0, { language: "plain text" })
      ])
      assert.deepStrictEqual(elements.map(({ kind, language }) => [kind, language]), [["code", "python"], [
        "code",
        undefined
      ]])
    }))

  it.effect("reads tables with and without a header, and what stands in toggles and columns in its place", () =>
    Effect.gen(function*() {
      const { elements } = yield* parsed([
        { kind: "block", type: "table", depth: 0, content: { has_column_header: true } },
        row(1, "part", "price"),
        row(1, "pump", "3"),
        { kind: "block", type: "table", depth: 0, content: {} },
        row(1, "a", "b"),
        row(1, "c", "d"),
        block("heading_2", "More", 0, { is_toggleable: true }),
        { kind: "block", type: "column_list", depth: 1, content: {} },
        { kind: "block", type: "column", depth: 2, content: {} },
        block("paragraph", "left", 3)
      ])
      assert.deepStrictEqual(elements.map(({ kind, level, rows, text }) => rows ?? `${kind}${level ?? ""} ${text}`), [
        [["part", "price"], ["pump", "3"]],
        [["a", "b"], ["c", "d"]],
        "title3 More",
        "paragraph left"
      ])
    }))

  it.effect("refuses what is not of a page of Notion, whole or in the middle", () =>
    Effect.gen(function*() {
      for (const rest of ["{\"depth\":0}", "no JSON", writeLine(head)]) {
        const failure = yield* Effect.flip(parseContent(`${writeLine(head)}\n${rest}\n`, "page"))
        assert.strictEqual(failure.failure._tag, "Corrupt", rest)
      }
    }))

  it.effect("reads back what is written, and whatever blocks come in whatever order loses no words", () =>
    Effect.promise(() => {
      const type = fc.constantFrom(
        "paragraph",
        "bulleted_list_item",
        "numbered_list_item",
        "to_do",
        "quote",
        "callout",
        "code",
        "heading_1",
        "heading_3",
        "toggle",
        "column",
        "synced_block",
        "table",
        "hologram"
      )
      const any = fc.array(fc.tuple(type, fc.integer({ min: 0, max: 5 })), { maxLength: 30 })
      return fc.assert(
        fc.asyncProperty(any, async (kinds) => {
          const lines = kinds.map(([type, depth], at) => block(type, `word${at}.`, depth))
          for (const line of lines) assert.deepStrictEqual(readLine(JSON.parse(writeLine(line))), line)
          const { elements } = await Effect.runPromise(Effect.scoped(parsed(lines)))
          const all = elements.map(({ text }) => text).join("\n")
          for (const [at, [type]] of kinds.entries()) {
            if (!["column", "synced_block", "table"].includes(type)) assert.include(all, `word${at}.`)
          }
        }),
        { numRuns: 60 }
      )
    }))
})
