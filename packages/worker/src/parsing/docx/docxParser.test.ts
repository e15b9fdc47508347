import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { namespaces, packageBytes, somePicture, type TestPart } from "../opc/testPackage.ts"
import { outline, parseContent } from "../testFile.ts"

const type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"

interface Rest {
  readonly refers?: TestPart["refers"]
  readonly parts?: Readonly<Record<string, TestPart>>
  readonly type?: string
}

const docx = (body: string, rest: Rest = {}) =>
  packageBytes({
    "word/document.xml": {
      type: rest.type ?? type,
      content: `<w:document ${namespaces}><w:body>${body}</w:body></w:document>`,
      refers: [["s", "styles", "styles.xml"], ["n", "numbering", "numbering.xml"], ...rest.refers ?? []]
    },
    "word/styles.xml": { content: `<w:styles ${namespaces}>${styles}</w:styles>` },
    "word/numbering.xml": { content: `<w:numbering ${namespaces}>${numbering}</w:numbering>` },
    ...rest.parts
  })

const style = (id: string, name: string, rest = "") =>
  `<w:style w:type="paragraph" w:styleId="${id}"><w:name w:val="${name}"/>${rest}</w:style>`

const styles = style("Titel", "Title") + style("berschrift1", "heading 1") + style("berschrift2", "heading 2") +
  style("Own", "Our heading", `<w:basedOn w:val="berschrift2"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr>`) +
  style("Bullet", "List Bullet", `<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>`) +
  style("Code", "Source Code") + style("Caption", "caption") + style("Toc", "toc 1") +
  style("LoopA", "a", `<w:basedOn w:val="LoopB"/>`) + style("LoopB", "b", `<w:basedOn w:val="LoopA"/>`)

const level = (at: number, format: string, text: string) =>
  `<w:lvl w:ilvl="${at}"><w:start w:val="1"/><w:numFmt w:val="${format}"/><w:lvlText w:val="${text}"/></w:lvl>`

const numbering =
  `<w:abstractNum w:abstractNumId="1">${level(0, "bullet", "·")}${level(1, "bullet", "o")}</w:abstractNum>` +
  `<w:abstractNum w:abstractNumId="2">${level(0, "decimal", "%1.")}${level(1, "decimal", "%1.%2")}${
    level(2, "lowerRoman", "(%3)")
  }</w:abstractNum>` +
  `<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="2"/></w:num>` +
  `<w:num w:numId="3"><w:abstractNumId w:val="2"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride></w:num>`

const run = (text: string) => `<w:r><w:t xml:space="preserve">${text}</w:t></w:r>`
const p = (content: string, properties = "") => `<w:p><w:pPr>${properties}</w:pPr>${content}</w:p>`
const styled = (id: string, text: string) => p(run(text), `<w:pStyle w:val="${id}"/>`)
const item = (list: number, depth: number, text: string) =>
  p(run(text), `<w:numPr><w:ilvl w:val="${depth}"/><w:numId w:val="${list}"/></w:numPr>`)
const cell = (text: string, properties = "") => `<w:tc><w:tcPr>${properties}</w:tcPr>${p(run(text))}</w:tc>`
const table = (...rows: ReadonlyArray<string>) => `<w:tbl>${rows.map((row) => `<w:tr>${row}</w:tr>`).join("")}</w:tbl>`

const linesOf = Effect.fnUntraced(function*(body: string, rest: Rest = {}) {
  const parsed = yield* parseContent(docx(body, rest), "a.docx")
  return outline(parsed)
})

describe("docxParser", () => {
  it.effect("reads headings by style and by outline level, below the title", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* linesOf(styled("berschrift1", "A") + styled("Own", "B") + styled("LoopA", "c")), [
        "title1: A",
        "title3: B",
        "paragraph: c"
      ])
      assert.deepStrictEqual(
        yield* linesOf(
          styled("Titel", "T") + styled("berschrift1", "A") + p(run("B"), `<w:outlineLvl w:val="1"/>`) +
            styled("berschrift1", "words ".repeat(100)) + styled("Toc", "A .... 1")
        ),
        ["title1: T", "title2: A", "title3: B", `paragraph: ${"words ".repeat(100).trim()}`]
      )
    }))

  it.effect("counts lists as the program would", () =>
    Effect.gen(function*() {
      const body = item(2, 0, "a") + item(2, 1, "b") + p("") + item(2, 1, "c") + item(2, 2, "d") + item(2, 0, "e") +
        styled("Bullet", "f") + item(1, 1, "g") + p(run("text")) + item(2, 1, "h") + item(3, 0, "i") + item(9, 0, "j") +
        p(run("k"), `<w:pStyle w:val="Bullet"/><w:numPr><w:numId w:val="0"/></w:numPr>`)
      assert.deepStrictEqual(yield* linesOf(body), [
        "list: 1. a\n  1.1 b\n  1.2 c\n    (i) d\n2. e\n- f\n  - g",
        "paragraph: text",
        "list:   2.1 h\n7. i\n- j",
        "paragraph: k"
      ])
    }))

  it.effect("reads tables with their merged cells; one of one column places things", () =>
    Effect.gen(function*() {
      const body = table(
        cell("a", `<w:gridSpan w:val="2"/>`) + cell("b", `<w:vMerge w:val="restart"/>`),
        cell("c") + cell("d") + cell("", `<w:vMerge/>`),
        `<w:trPr><w:del w:id="1"/></w:trPr>${cell("gone") + cell("gone")}`
      ) + table(cell("in a box")) + table(`<w:tc>${table(cell("x") + cell("y"))}${p("")}</w:tc>` + cell("z"))
      const parsed = yield* parseContent(docx(body), "a.docx")
      assert.deepStrictEqual(parsed.elements.map(({ rows, text }) => rows ?? text), [
        [["a", "", "b"], ["c", "d", "b"]],
        "in a box",
        [["x y", "z"]]
      ])
    }))

  it.effect("keeps what was inserted and drops what was deleted, hidden, or said in comments", () =>
    Effect.gen(function*() {
      const body = p(
        run("one ") +
          `<w:ins w:id="1">${run("two ")}</w:ins><w:del w:id="2"><w:r><w:delText>no</w:delText></w:r></w:del>` +
          `<w:moveFrom w:id="3">${run("no")}</w:moveFrom><w:moveTo w:id="3">${run("three ")}</w:moveTo>` +
          `<w:r><w:rPr><w:vanish/></w:rPr><w:t>no</w:t></w:r><w:commentRangeStart w:id="0"/>` +
          `<w:hyperlink r:id="h">${run("four")}</w:hyperlink><w:r><w:commentReference w:id="0"/></w:r>` +
          `<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>PAGEREF x</w:instrText><w:fldChar w:fldCharType="end"/></w:r>`
      ) + p(run("be"), `<w:rPr><w:del w:id="4"/></w:rPr>`) + p(run("gun"))
      const rest: Rest = {
        refers: [["h", "hyperlink", "http://localhost:1/x"], ["k", "comments", "comments.xml"], [
          "f",
          "header",
          "h.xml"
        ]],
        parts: {
          "word/comments.xml": { content: `<w:comments ${namespaces}>${p(run("no"))}</w:comments>` },
          "word/h.xml": { content: `<w:hdr ${namespaces}>${p(run("no"))}</w:hdr>` }
        }
      }
      assert.deepStrictEqual(yield* linesOf(body, rest), ["paragraph: one two three four", "paragraph: begun"])
    }))

  it.effect("puts footnotes after what refers to them, and endnotes at the end", () =>
    Effect.gen(function*() {
      const reference = (kind: string, id: number) => `<w:r><w:${kind}Reference w:id="${id}"/></w:r>`
      const notes = (kind: string) =>
        `<w:${kind}s ${namespaces}><w:${kind} w:id="2">${p(run(`a ${kind}`))}</w:${kind}></w:${kind}s>`
      const body = p(run("one") + reference("endnote", 2)) + item(1, 0, "two") +
        p(run("three") + reference("footnote", 2) + reference("footnote", 9)) + p(run("four"))
      const rest: Rest = {
        refers: [["f", "footnotes", "footnotes.xml"], ["e", "endnotes", "endnotes.xml"]],
        parts: {
          "word/footnotes.xml": { content: notes("footnote") },
          "word/endnotes.xml": { content: notes("endnote") }
        }
      }
      assert.deepStrictEqual(yield* linesOf(body, rest), [
        "paragraph: one[i]",
        "list: - two",
        "paragraph: three[1]",
        "paragraph: [1] a footnote",
        "paragraph: four",
        "paragraph: [i] a endnote"
      ])
    }))

  const drawing = (id: string, alt = "") =>
    `<w:r><w:drawing><wp:inline><wp:docPr id="1" name="Picture 1" descr="${alt}"/><a:graphic><a:blip r:embed="${id}" r:link="out"/></a:graphic></wp:inline></w:drawing></w:r>`

  it.effect("hands out pictures with what they show, and never fetches one", () =>
    Effect.gen(function*() {
      const body = p(drawing("i", "A pump cut open")) + p(drawing("i")) + styled("Caption", "Fig. 1") +
        p(run("text ") + drawing("out")) + p(drawing("gone"))
      const parsed = yield* parseContent(
        docx(body, {
          refers: [["i", "image", "media/image1.png"], ["out", "image", "http://localhost:1/a.png"], [
            "gone",
            "image",
            "x.png"
          ]],
          parts: { "word/media/image1.png": { content: somePicture } }
        }),
        "a.docx"
      )
      assert.deepStrictEqual(outline(parsed), ["image: A pump cut open", "caption: Fig. 1", "paragraph: text"])
      assert.deepStrictEqual(parsed.elements.map(({ assets = [] }) => assets.length), [1, 1, 0])
      assert.deepStrictEqual(parsed.assets.map(({ mediaType, name }) => [mediaType, name]), [[
        "image/png",
        "image1.png"
      ]])
    }))

  it.effect("reads text boxes once, equations in one line, and code as it stands", () =>
    Effect.gen(function*() {
      const box = `<w:txbxContent>${p(run("in the box"))}</w:txbxContent>`
      const body = p(
        run("anchor") +
          `<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>${box}</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>${box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>`
      ) +
        p(
          `<m:oMath><m:r><m:t>x=</m:t></m:r><m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:sSup><m:e><m:r><m:t>c</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:den></m:f></m:oMath>`
        ) +
        styled("Code", "if x:") + styled("Code", "  y")
      assert.deepStrictEqual(yield* linesOf(body), [
        "paragraph: anchor",
        "paragraph: in the box",
        "paragraph: x=(a+b)/(c^2)",
        "code: if x:\n  y"
      ])
    }))

  it.effect("knows code by its font, and letters that somebody has typed", () =>
    Effect.gen(function*() {
      const typed = (text: string) =>
        p(`<w:r><w:rPr><w:rFonts w:ascii="Courier New"/></w:rPr><w:t xml:space="preserve">${text}</w:t></w:r>`)
      assert.deepStrictEqual(
        yield* linesOf(
          typed("Dear all,") + typed("def f(n):") + typed("  return n") + typed("f") + p(run("then f(n)")) +
            typed("Yours")
        ),
        ["paragraph: Dear all,", "code: def f(n):\n  return n\nf", "paragraph: then f(n)", "paragraph: Yours"]
      )
    }))

  it.effect("reads a document with macros without what runs", () =>
    Effect.gen(function*() {
      const bytes = docx(p(run("text")), {
        type: "application/vnd.ms-word.document.macroEnabled.main+xml",
        refers: [["v", "vbaProject", "vbaProject.bin"]],
        parts: { "word/vbaProject.bin": { content: "Sub AutoOpen()" } }
      })
      const parsed = yield* parseContent(bytes, "a.docm")
      assert.deepStrictEqual(outline(parsed), ["paragraph: text"])
    }))

  it.effect("says what is wrong with hostile and damaged ones", () =>
    Effect.gen(function*() {
      const tags = yield* Effect.forEach([
        docx("<w:p>".repeat(100_000)),
        docx(p(run("text"))).subarray(0, 600),
        packageBytes({
          "word/document.xml": { type, content: `<!DOCTYPE x [<!ENTITY a "b">]><w:document>&a;</w:document>` }
        })
      ], (bytes) =>
        parseContent(bytes, "a.docx").pipe(
          Effect.map(() => "read"),
          Effect.catch((failure) => Effect.succeed(failure.failure._tag))
        ))
      assert.deepStrictEqual(tags, ["Corrupt", "Corrupt", "Corrupt"])
    }))

  it.effect("goes on without a part that is damaged", () =>
    Effect.gen(function*() {
      const bytes = docx(p(run("text")), { parts: { "word/styles.xml": { content: "<w:styles" } } })
      const parsed = yield* parseContent(bytes, "a.docx")
      assert.deepStrictEqual(outline(parsed), ["paragraph: text"])
      assert.match(parsed.warnings[0]!.detail, /styles\.xml/)
    }))
})
