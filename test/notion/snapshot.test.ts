import { assert, it } from "@effect/vitest"
import { GuardedFetch, make as makeFetch } from "@sheaf/adapters/fetch/GuardedFetch"
import { parseContent } from "@sheaf/worker/parsing/testFile"
import { snapshotOf } from "@sheaf/worker/sources/notion/snapshot"
import { Effect, Stream } from "effect"
import { block, type GivenBlock, type Json, paragraph, text } from "../support/notion/Workspace.ts"
import { recorded } from "./recorded.ts"
import { world } from "./world.ts"

/** The file of a page, and what the parser makes of it. */
const taken = Effect.fnUntraced(function*({ reader }: Effect.Success<ReturnType<typeof world>>, id: string) {
  const fetch = makeFetch({ allow: ["127.0.0.0/8"] })
  const page = yield* reader.page(id)
  const bytes = Buffer.concat(
    yield* Stream.runCollect(snapshotOf(reader, page)).pipe(Effect.provideService(GuardedFetch, fetch))
  )
  return { bytes: bytes.toString("utf8"), ...(yield* parseContent(bytes, "page.ndjson")) }
})

const asJson = (value: object) => value as { readonly [key: string]: Json }

it.live("the same page gives the same bytes, whatever Notion signs, and another page others", () =>
  Effect.gen(function*() {
    const notion = yield* world()
    const { workspace } = notion
    workspace.files.set("pump.png", { bytes: new Uint8Array(5_000).fill(7), mediaType: "image/png" })
    workspace.files.set("list.pdf", { bytes: Buffer.from("%PDF-1.4 parts"), mediaType: "application/pdf" })
    const blocks: ReadonlyArray<GivenBlock> = [
      block("heading_1", "Pumps"),
      { type: "image", content: { hosted: "pump.png", caption: text("The pump") } },
      { type: "image", content: { hosted: "pump.png", caption: [] } },
      paragraph("It pumps."),
      { type: "pdf", content: { hosted: "list.pdf", caption: text("Parts") } },
      { type: "file", content: { hosted: "gone.zip", caption: [], name: "gone.zip" } }
    ]
    const { id } = workspace.addPage({
      title: "Manual",
      blocks,
      properties: {
        Status: { id: "s", type: "status", value: { id: "x", name: "Done", color: "green" } },
        Edited: { id: "e", type: "last_edited_time", value: "2026-01-01T00:00:00.000Z" }
      }
    })
    const first = yield* taken(notion, id)
    assert.strictEqual((yield* taken(notion, id)).bytes, first.bytes)
    assert.notMatch(first.bytes, /Signature|expiry|2026-01-01/)
    assert.strictEqual(first.mediaType, "application/vnd.sheaf.notion+ndjson")
    assert.deepStrictEqual(
      first.elements.map(({ assets = [], kind, level, text }) =>
        `${kind}${level ?? ""} ${text} ${assets.map(({ role }) => role).join()}`.trim()
      ),
      [
        "title1 Manual",
        "list Status: Done",
        "title2 Pumps",
        "image The pump image",
        "paragraph It pumps. image",
        "paragraph Parts attachment",
        "paragraph gone.zip"
      ]
    )
    assert.deepStrictEqual(first.assets.map(({ bytes, mediaType, name }) => [bytes.length, mediaType, name]), [
      [5_000, "image/png", "pump.png"],
      [14, "application/pdf", "list.pdf"]
    ])
    assert.deepStrictEqual(first.warnings.map(({ detail }) => detail), [
      "gone.zip was left out: the server answered 404"
    ])
    workspace.edit(id, { blocks: [...blocks, paragraph("It stops.")] })
    const second = yield* taken(notion, id)
    assert.isTrue(second.bytes.startsWith(first.bytes))
    assert.strictEqual(second.elements.at(-1)?.text, "It stops.")
  }))

it.live("every recorded block and value says what it says", () =>
  Effect.gen(function*() {
    const notion = yield* world()
    // Recorded addresses are long void.
    const blocks = recorded.blocks.map(({ type, ...rest }): GivenBlock => {
      const content = asJson(rest[type] as object)
      const { file: _, ...steady } = content
      return { type, content: content["type"] === "file" ? { ...steady, hosted: "void.jpg" } : content }
    })
    const properties = Object.fromEntries(
      recorded.properties.filter(({ type }) => type !== "title").map((
        { name, type, ...rest },
        at
      ) => [`${at} ${String(name)}`, {
        id: `p${at}`,
        type,
        value: (rest as { readonly [key: string]: Json })[type] ?? null
      }])
    )
    const mentions = { rich_text: recorded.mentions.map((mention): Json => asJson(mention)) }
    const { id } = notion.workspace.addPage({
      title: "All",
      properties,
      blocks: [...blocks, { type: "paragraph", content: mentions }]
    })
    const { elements, warnings } = yield* taken(notion, id)
    assert.deepStrictEqual(warnings.map(({ detail }) => detail), [
      "void.jpg was left out: the server answered 404",
      "blocks that cannot be read: button"
    ])
    const all = elements.map(({ text }) => text).join("\n")
    for (
      const words of [
        "Headline 1",
        "Rick Roll",
        "Callout!",
        "print(\"Hello World\")",
        "-1 = \\exp(i \\pi)",
        "This is a quote",
        "Team Sync",
        "- [ ] ToDo1",
        "1. Second item",
        "Cell 1, 1 | Cell 1, 2",
        "logo_with_text.svg",
        "Hello",
        "Test DB",
        "@Adam Dangoor",
        "2022-04-16T12:00:00.000-04:00",
        "Status: Done",
        "user@example.com",
        "42.2, 56",
        ":ultimate-notion:"
      ]
    ) {
      assert.include(all, words)
    }
  }))

it.live("an empty page, one 50 levels deep, a type nobody knows and synced blocks in a circle", () =>
  Effect.gen(function*() {
    const notion = yield* world()
    const { workspace } = notion
    const empty = yield* taken(notion, workspace.addPage({ title: "" }).id)
    assert.deepStrictEqual([empty.elements, empty.warnings], [[], []])
    let deep: GivenBlock = paragraph("the innermost")
    for (let level = 0; level < 50; level++) deep = block("bulleted_list_item", `level ${level}`, [deep])
    const nested = yield* taken(notion, workspace.addPage({ title: "deep", blocks: [deep] }).id)
    assert.lengthOf(nested.elements, 2)
    assert.strictEqual(nested.elements[1]?.text.split("\n").length, 51)
    const original = "11111111-2222-4333-8444-555555555555"
    const copy = { type: "synced_block", content: { synced_from: { type: "block_id", block_id: original } } }
    const strange = yield* taken(
      notion,
      workspace.addPage({
        title: "strange",
        blocks: [
          { type: "hologram", content: { rich_text: text("seen from all sides") } },
          { type: "synced_block", id: original, content: { synced_from: null }, children: [paragraph("once"), copy] }
        ]
      }).id
    )
    assert.deepStrictEqual(strange.elements.map(({ text }) => text), ["strange", "seen from all sides", "once"])
    assert.deepStrictEqual(strange.warnings.map(({ detail }) => detail), [
      "blocks that cannot be read: hologram",
      "1 synced blocks are within themselves: they were read once"
    ])
  }))
