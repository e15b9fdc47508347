import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { outline, parseContent } from "../testFile.ts"

const example = `---
title: "The manual"
tags: [a, b]
---
Intro with **bold**, \`code\`, a [link](http://x.y) &amp; an entity.

## Install

- one
  - inner
- [x] done

3. three
4. four

| Name | Value |
|------|------:|
| a | 1 |
| b \\| c | 2 |

\`\`\`sh
npm install

npm test
\`\`\`

<details><summary>More</summary>

Hidden **inside**.

</details>

Setext
======

> quoted
`

describe("markdownParser", () => {
  it.effect("reads the blocks of a document", () =>
    Effect.gen(function*() {
      const parsed = yield* parseContent(example, "a.md")
      assert.deepStrictEqual(outline(parsed), [
        "list: tags: a, b",
        "paragraph: Intro with bold, code, a link & an entity.",
        "title2: Install",
        "list: - one\n  - inner\n- done",
        "list: 3. three\n4. four",
        "table: Name | Value\na | 1\nb | c | 2",
        "code: npm install\n\nnpm test",
        "paragraph: More",
        "paragraph: Hidden inside.",
        "title1: Setext",
        "paragraph: quoted"
      ])
      assert.strictEqual(parsed.elements[6]!.language, "sh")
      assert.deepStrictEqual(parsed.elements[5]!.rows, [["Name", "Value"], ["a", "1"], ["b | c", "2"]])
    }))

  it.effect("takes the title from the front matter when there is no topmost heading", () =>
    Effect.gen(function*() {
      const parsed = yield* parseContent("---\ntitle: 'The manual'\n---\n## Part\ntext", "a.md")
      assert.deepStrictEqual(outline(parsed), ["title1: The manual", "title2: Part", "paragraph: text"])
    }))

  it.effect("reads what front matter says, in YAML and in TOML", () =>
    Effect.gen(function*() {
      const yaml =
        "---\ntitle: Pumps\nlayout: post\nauthor: \"Ann: Author\"\ntags:\n  - wells\n  - 'water'\ntext: |\n  long\n---\nBody"
      assert.deepStrictEqual(outline(yield* parseContent(yaml, "a.md")), [
        "title1: Pumps",
        "list: author: Ann: Author\ntags: wells, water",
        "paragraph: Body"
      ])
      assert.deepStrictEqual(
        outline(yield* parseContent("+++\ntitle = \"Pumps\"\ndate = 2024-01-01\n+++\nBody", "a.md")),
        [
          "title1: Pumps",
          "list: date: 2024-01-01",
          "paragraph: Body"
        ]
      )
    }))

  it.effect("reads footnotes where they are written, and pictures that are in the text", () =>
    Effect.gen(function*() {
      const image = `data:image/png;base64,${Buffer.alloc(200, 1).toString("base64")}`
      const parsed = yield* parseContent(
        `One[^1] and two[^note].\n\n[^1]: word\n[^note]: Two *words*\n  go on\n\n    and on.\n\n\`[^1]\` ![a pump](${image})\n`,
        "a.md"
      )
      assert.deepStrictEqual(outline(parsed), [
        "paragraph: One[1] and two[note].",
        "paragraph: [1] word",
        "paragraph: [note] Two words go on and on.",
        "paragraph: [^1] a pump"
      ])
      assert.strictEqual(parsed.assets.length, 1)
      assert.strictEqual(parsed.elements[3]!.assets?.length, 1)
    }))

  it.effect("takes a rule at the top for a rule", () =>
    Effect.gen(function*() {
      const parsed = yield* parseContent("---\nJust text\n---\nMore", "a.md")
      assert.include(outline(parsed).join("\n"), "Just text")
    }))

  it.effect("reads what is nested too deep as plain text, and says so", () =>
    Effect.gen(function*() {
      const parsed = yield* parseContent(`${">".repeat(20_000)} deep\n\nshallow`, "a.md")
      assert.include(outline(parsed).join("\n"), "shallow")
      assert.isAtMost(parsed.warnings.length, 1)
    }))
})
