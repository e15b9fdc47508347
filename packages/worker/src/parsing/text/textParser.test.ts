import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { outline, parseContent } from "../testFile.ts"
import { maxElementLength } from "../tidy.ts"

describe("textParser", () => {
  it.effect("makes paragraphs of what stands between blank lines", () =>
    Effect.gen(function*() {
      const parsed = yield* parseContent("One\r\ntwo.\r\n \t\r\n\r\nThree.\n", "a.txt")
      assert.deepStrictEqual(outline(parsed), ["paragraph: One two.", "paragraph: Three."])
      assert.strictEqual(parsed.pages, 0)
    }))

  it.effect("keeps the items of a list apart", () =>
    Effect.gen(function*() {
      const parsed = yield* parseContent("- one\n  goes on\n- two\n\n1. first\n2) second", "a.txt")
      assert.deepStrictEqual(outline(parsed), ["list: - one goes on\n- two", "list: 1. first\n2) second"])
    }))

  it.effect("keeps the lines of code and data", () =>
    Effect.gen(function*() {
      const parsed = yield* parseContent("def f():\n\treturn 1\n\n\nf()\n", "f.py")
      assert.deepStrictEqual(outline(parsed), ["code: def f():\n    return 1", "code: f()"])
    }))

  it.effect("cuts a line without end into bounded pieces and loses no word", () =>
    Effect.gen(function*() {
      const words = Array.from({ length: 60_000 }, (_, at) => `word${at}`)
      const { elements } = yield* parseContent(words.join(" "), "a.txt")
      assert.isAbove(elements.length, 30)
      assert.isTrue(elements.every(({ text }) => text.length <= maxElementLength))
      assert.deepStrictEqual(elements.flatMap(({ text }) => text.split(" ")), words)
    }))

  it.effect("splits no surrogate pair in a line without spaces", () =>
    Effect.gen(function*() {
      const text = `a${"😀".repeat(40_000)}`
      const { elements } = yield* parseContent(text, "a.txt")
      assert.strictEqual(elements.map((element) => element.text).join(""), text)
    }))

  it.effect("takes whatever strings come", () =>
    Effect.gen(function*() {
      const naughty = [
        "\u0000\u0001\u0007bell",
        "\u202eright to left",
        "Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮",
        "'; DROP TABLE x; --",
        "<script>alert(1)</script>",
        "\ufeff",
        "﷽",
        "田中さんにあげて下さい",
        "👩‍👩‍👧‍👦",
        "\\N",
        "${1+1}",
        "../../etc/passwd",
        "ﬁﬂ",
        "e\u0301",
        "\u2028\u2029"
      ]
      const { elements } = yield* parseContent(naughty.join("\n\n"), "naughty.txt")
      const text = elements.map((element) => element.text).join("\n")
      assert.isTrue(text.isWellFormed())
      assert.notMatch(text, /[^\P{Cc}\n]/u)
      assert.include(text, "bell")
      assert.include(text, "\u00e9")
      assert.include(text, "<script>alert(1)</script>")
    }))
})
