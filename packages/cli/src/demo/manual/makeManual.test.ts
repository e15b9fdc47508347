import { assert, it } from "@effect/vitest"
import * as Fs from "node:fs"
import { PDFDocument } from "pdf-lib"
import { makeManual } from "./makeManual.ts"
import { parseChapter } from "./markdown.ts"

const folder = new URL("../../../samples/manual/", import.meta.url)
const texts = Fs.readdirSync(folder).sort().map((name) => Fs.readFileSync(new URL(name, folder), "utf8"))

it("has at least sixty pages, one for each topic, and the same bytes every time", async () => {
  const bytes = await makeManual(texts)
  const sections = texts.flatMap((text) => parseChapter(text).sections)
  const document = await PDFDocument.load(bytes)
  assert.isAtLeast(document.getPageCount(), 60)
  assert.strictEqual(document.getPageCount(), sections.length + 3)
  assert.deepStrictEqual(Buffer.from(await makeManual(texts)), Buffer.from(bytes))
})

it("reads the little Markdown that it is written in", () => {
  const { sections, title } = parseChapter(
    "# Top\n\n## One\nText `code`\nmore.\n\n- a\n- b\n\n```\nx\n\ny\n```\n\n| H | I |\n| --- | --- |\n| 1 | 2 |\n"
  )
  assert.strictEqual(title, "Top")
  assert.deepStrictEqual(sections, [{
    title: "One",
    blocks: [
      { kind: "paragraph", text: "Text code more." },
      { kind: "list", ordered: false, items: ["a", "b"] },
      { kind: "code", lines: ["x", "", "y"] },
      { kind: "table", rows: [["H", "I"], ["1", "2"]] }
    ]
  }])
})
