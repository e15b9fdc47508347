import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { namespaces, packageBytes, somePicture, type TestPart } from "../opc/testPackage.ts"
import { outline, parseContent } from "../testFile.ts"

interface TestSlide {
  readonly shapes: string
  readonly refers?: TestPart["refers"]
}

const tree = (kind: string, shapes: string, rest = "") =>
  `<p:${kind} ${namespaces}><p:cSld><p:spTree>${shapes}</p:spTree></p:cSld>${rest}</p:${kind}>`

const pptx = (slides: ReadonlyArray<TestSlide>, rest: Readonly<Record<string, TestPart>> = {}) =>
  packageBytes({
    "ppt/presentation.xml": {
      type: "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
      content: `<p:presentation ${namespaces}><p:sldIdLst>${
        slides.map((_, at) => `<p:sldId id="${256 + at}" r:id="r${at}"/>`).join("")
      }</p:sldIdLst><p:sldSz cx="1000" cy="1000"/></p:presentation>`,
      refers: slides.map((_, at) => [`r${at}`, "slide", `slides/slide${at}.xml`] as const)
    },
    ...Object.fromEntries(slides.map(({ refers = [], shapes }, at) => [`ppt/slides/slide${at}.xml`, {
      content: tree("sld", shapes),
      refers: [["l", "slideLayout", "../layouts/l.xml"] as const, ...refers]
    }])),
    "ppt/layouts/l.xml": {
      content: tree("sldLayout", shape("", { holder: `type="body" idx="1"`, frame: [100, 300, 800, 600] })),
      refers: [["m", "slideMaster", "../masters/m.xml"]]
    },
    "ppt/masters/m.xml": {
      content: tree(
        "sldMaster",
        shape("", { holder: `type="title"`, frame: [100, 0, 800, 200] }),
        `<p:txStyles><p:bodyStyle><a:lvl1pPr><a:buChar char="•"/></a:lvl1pPr><a:lvl2pPr><a:buAutoNum type="romanLcParenR"/></a:lvl2pPr></p:bodyStyle></p:txStyles>`
      )
    },
    ...rest
  })

interface ShapeOptions {
  readonly holder?: string
  readonly frame?: readonly [x: number, y: number, width: number, height: number]
  readonly styles?: string
}

const frameXml = ([x, y, width, height]: NonNullable<ShapeOptions["frame"]>) =>
  `<a:off x="${x}" y="${y}"/><a:ext cx="${width}" cy="${height}"/>`

const shape = (paragraphs: string, { frame, holder, styles = "" }: ShapeOptions = {}) =>
  `<p:sp><p:nvSpPr><p:cNvPr id="1" name="x"/><p:nvPr>${
    holder === undefined ? "" : `<p:ph ${holder}/>`
  }</p:nvPr></p:nvSpPr>` +
  `<p:spPr>${frame === undefined ? "" : `<a:xfrm>${frameXml(frame)}</a:xfrm>`}</p:spPr>` +
  `<p:txBody><a:lstStyle>${styles}</a:lstStyle>${paragraphs}</p:txBody></p:sp>`

const line = (text: string, properties = "") => `<a:p><a:pPr ${properties}/><a:r><a:t>${text}</a:t></a:r></a:p>`
const plain = (text: string) => `<a:p><a:pPr><a:buNone/></a:pPr><a:r><a:t>${text}</a:t></a:r></a:p>`

describe("pptxParser", () => {
  it.effect("reads a slide as a page: title first, lists as they are marked, no furniture, notes at the end", () =>
    Effect.gen(function*() {
      const notes = tree(
        "notes",
        shape(line("Say this"), { holder: `type="body"` }) + shape(line("3"), { holder: `type="sldNum"` })
      )
      const parsed = yield* parseContent(
        pptx([
          {
            shapes: shape(line("one") + line("two", `lvl="1"`) + line("three", `lvl="1"`) + plain("rest"), {
              holder: `idx="1"`
            }) +
              shape(line("page 3"), { holder: `type="ftr"` }) +
              shape(line("The title"), { holder: `type="title"` }),
            refers: [["n", "notesSlide", "../notes/n.xml"], ["c", "comments", "../c.xml"], [
              "v",
              "vbaProject",
              "http://localhost:1/v"
            ]]
          },
          { shapes: shape(line("free"), { frame: [0, 500, 500, 500] }) }
        ], { "ppt/notes/n.xml": { content: notes } }),
        "a.pptx"
      )
      assert.strictEqual(parsed.pages, 2)
      assert.deepStrictEqual(outline(parsed), [
        "title1: The title",
        "list: - one\n  i) two\n  ii) three",
        "paragraph: rest",
        "paragraph: Notes: Say this",
        "paragraph: free"
      ])
      assert.deepStrictEqual(parsed.elements.map(({ boxes }) => boxes), [
        [{ page: 1, x0: 0.1, y0: 0, x1: 0.9, y1: 0.2 }],
        [{ page: 1, x0: 0.1, y0: 0.3, x1: 0.9, y1: 0.9 }],
        [{ page: 1, x0: 0.1, y0: 0.3, x1: 0.9, y1: 0.9 }],
        [{ page: 1, x0: 0, y0: 0, x1: 1, y1: 1 }],
        [{ page: 2, x0: 0, y0: 0.5, x1: 0.5, y1: 1 }]
      ])
    }))

  it.effect("gives for a page what it gives among all", () =>
    Effect.gen(function*() {
      const bytes = pptx(["a", "b", "c"].map((text) => ({ shapes: shape(line(text)) })))
      const all = yield* parseContent(bytes, "a.pptx")
      const second = yield* parseContent(bytes, "a.pptx", { range: { first: 2, last: 2 } })
      assert.deepStrictEqual(second.elements, all.elements.filter(({ boxes }) => boxes[0]!.page === 2))
    }))

  it.effect("opens groups, and reads tables and pictures in their places", () =>
    Effect.gen(function*() {
      const cell = (text: string, merge = "") => `<a:tc ${merge}><a:txBody>${line(text)}</a:txBody></a:tc>`
      const table = `<p:graphicFrame><p:xfrm>${frameXml([0, 600, 1000, 400])}</p:xfrm><a:graphic><a:tbl><a:tr>${
        cell("a", `gridSpan="2"`) + cell("", `hMerge="1"`) + cell("b", `rowSpan="2"`)
      }</a:tr><a:tr>${cell("c") + cell("d") + cell("", `vMerge="1"`)}</a:tr></a:tbl></a:graphic></p:graphicFrame>`
      const group = `<p:grpSp><p:grpSpPr><a:xfrm>${
        frameXml([500, 0, 500, 500])
      }<a:chOff x="0" y="0"/><a:chExt cx="100" cy="100"/></a:xfrm></p:grpSpPr>${
        shape(line("in a group"), { frame: [50, 50, 50, 50] })
      }</p:grpSp>`
      const picture = (id: string, alt: string) =>
        `<p:pic><p:nvPicPr><p:cNvPr id="4" name="Picture 4" descr="${alt}"/><p:nvPr/></p:nvPicPr><p:blipFill><a:blip r:embed="${id}"/></p:blipFill><p:spPr><a:xfrm>${
          frameXml([0, 0, 300, 500])
        }</a:xfrm></p:spPr></p:pic>`
      const parsed = yield* parseContent(
        pptx([{
          shapes: table + group + picture("i", "A pump") + picture("o", ""),
          refers: [["i", "image", "../media/i.png"], ["o", "image", "http://localhost:1/o.png"]]
        }], { "ppt/media/i.png": { content: somePicture } }),
        "a.pptx"
      )
      assert.deepStrictEqual(parsed.elements.map(({ kind, rows, text }) => [kind, rows ?? text]), [
        ["image", "A pump"],
        ["paragraph", "in a group"],
        ["table", [["a", "", "b"], ["c", "d", "b"]]]
      ])
      assert.deepStrictEqual(parsed.elements[1]!.boxes, [{ page: 1, x0: 0.75, y0: 0.25, x1: 1, y1: 0.5 }])
      assert.strictEqual(parsed.elements[0]!.assets?.length, 1)
    }))

  it.effect("shows a slide that has a picture and not a word", () =>
    Effect.gen(function*() {
      const picture =
        `<p:pic><p:nvPicPr><p:cNvPr id="4" name="Picture 4"/><p:nvPr/></p:nvPicPr><p:blipFill><a:blip r:embed="i"/></p:blipFill><p:spPr><a:xfrm>${
          frameXml([0, 0, 500, 500])
        }</a:xfrm></p:spPr></p:pic>`
      const parsed = yield* parseContent(
        pptx([{ shapes: shape("") }, { shapes: shape("") + picture, refers: [["i", "image", "../media/i.png"]] }], {
          "ppt/media/i.png": { content: somePicture }
        }),
        "a.pptx"
      )
      assert.deepStrictEqual(outline(parsed), ["image: Picture on slide 2"])
      assert.deepStrictEqual(parsed.elements[0]!.boxes, [{ page: 2, x0: 0, y0: 0, x1: 0.5, y1: 0.5 }])
      assert.lengthOf(parsed.elements[0]!.assets ?? [], 1)
    }))

  it.effect("goes on behind a slide that is damaged or missing", () =>
    Effect.gen(function*() {
      const parsed = yield* parseContent(
        pptx([{ shapes: "<p:sp" }, { shapes: "<a>".repeat(600) }, { shapes: shape(line("fine")) }]),
        "a.pptx"
      )
      assert.deepStrictEqual(outline(parsed), ["paragraph: fine"])
      assert.deepStrictEqual(parsed.warnings.map(({ page }) => page), [1, 2])
    }))

  it.effect("says that there are no slides", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(parseContent(pptx([]), "a.pptx"))
      assert.strictEqual(failure.failure._tag, "NoPages")
    }))
})
