import { assert, describe, it } from "@effect/vitest"
import { createCanvas, loadImage } from "@napi-rs/canvas"
import type { Box, Element } from "@sheaf/domain/documents/Element"
import { Effect, Fiber, Stream } from "effect"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { PDFDocument, rgb } from "pdf-lib"
import { encryptedPdf } from "../pdf/encryptedPdf.ts"
import { drawPdf } from "../pdf/testPdf.ts"
import { temporaryFolder } from "../testFile.ts"
import { layer, type RenderOptions } from "./layer.ts"
import { languageData } from "./ocr/languages.ts"
import { RenderJail } from "./RenderJail.ts"
import { scanPdf } from "./testScan.ts"

const options: RenderOptions = {
  processes: 1,
  wallTimeMs: 60_000,
  maxMemoryBytes: 1_024 * 1_024 * 1_024,
  maxOutputBytes: 50_000_000,
  maxPixels: 4_000_000,
  inputFolders: [],
  languages: languageData(["eng"]).found
}

const withFiles = <A, E>(
  use: (
    jail: RenderJail["Service"],
    file: (bytes: Uint8Array) => Effect.Effect<{ readonly path: string; readonly name: string }>
  ) => Effect.Effect<A, E>,
  changes: Partial<RenderOptions> = {}
) =>
  Effect.gen(function*() {
    const folder = yield* temporaryFolder
    let files = 0
    const file = (bytes: Uint8Array) => {
      const path = join(folder, `${++files}.pdf`)
      return Effect.as(Effect.promise(() => writeFile(path, bytes)), { path, name: "a.pdf" })
    }
    return yield* Effect.flatMap(RenderJail, (jail) => use(jail, file)).pipe(
      Effect.provide(layer({ ...options, inputFolders: [folder], ...changes }))
    )
  }).pipe(Effect.scoped)

const whole = (page: number): Box => ({ page, x0: 0, y0: 0, x1: 1, y1: 1 })

const pixelsOf = (bytes: Uint8Array) =>
  Effect.promise(async () => {
    const image = await loadImage(Buffer.from(bytes))
    const canvas = createCanvas(image.width, image.height)
    const context = canvas.getContext("2d")
    context.drawImage(image, 0, 0)
    const at = (x: number, y: number) =>
      Array.from(context.getImageData(Math.floor(x * image.width), Math.floor(y * image.height), 1, 1).data.slice(0, 3))
    return { width: image.width, height: image.height, at }
  })

/** Whatever paragraphs the lines are taken for. */
const textOf = (elements: ReadonlyArray<Element>) => elements.map(({ text }) => text).join(" ")

/** A page of 600 by 800 points with a blue field from a quarter to a half of its width and height. */
const fielded = () =>
  drawPdf([({ page }) => page.drawRectangle({ x: 150, y: 400, width: 150, height: 200, color: rgb(0, 0, 1) })])

describe("RenderJail draws", () => {
  it.live("regions in the order asked for, as fine as asked for", () =>
    withFiles((jail, file) =>
      Effect.gen(function*() {
        const input = yield* file(yield* Effect.promise(fielded))
        const field = { page: 1, x0: 0.25, y0: 0.25, x1: 0.5, y1: 0.5 }
        const boxes = [field, whole(1), { ...field, x0: -0.25, x1: 0.25 }]
        const pictures = yield* Stream.runCollect(jail.regions(input, boxes, { dpi: 72 }))
        assert.deepStrictEqual(pictures.map(({ box }) => box), boxes)
        const [blue, page, beside] = yield* Effect.forEach(pictures, ({ bytes }) => pixelsOf(bytes))
        assert.deepStrictEqual([blue!.width, blue!.height], [150, 200])
        for (const [x, y] of [[0.02, 0.02], [0.98, 0.98]] as const) assert.deepStrictEqual(blue!.at(x, y), [0, 0, 255])
        assert.deepStrictEqual([page!.width, page!.height], [600, 800])
        assert.deepStrictEqual(page!.at(0.3, 0.3), [0, 0, 255])
        assert.deepStrictEqual(page!.at(0.2, 0.3), [255, 255, 255])
        assert.deepStrictEqual([beside!.width, beside!.at(0.9, 0.5)], [300, [255, 255, 255]])
        const [webp] = yield* Stream.runCollect(jail.regions(input, [field], { mediaType: "image/webp", dpi: 144 }))
        assert.strictEqual(webp!.mediaType, "image/webp")
        assert.strictEqual(new TextDecoder().decode(webp!.bytes.subarray(8, 12)), "WEBP")
        assert.strictEqual((yield* pixelsOf(webp!.bytes)).width, 300)
      })
    ))

  it.live("a page as large as a house with no more pixels than it may", () =>
    withFiles((jail, file) =>
      Effect.gen(function*() {
        const document = yield* Effect.promise(() => PDFDocument.create())
        document.addPage([14_400, 14_400])
        document.addPage([14_400, 20])
        const input = yield* file(yield* Effect.promise(() => document.save()))
        const [large, long] = yield* Stream.runCollect(jail.regions(input, [whole(1), whole(2)], { dpi: 300 }))
        const pixels = yield* pixelsOf(large!.bytes)
        assert.isAtMost(pixels.width * pixels.height, options.maxPixels)
        assert.isAtMost((yield* pixelsOf(long!.bytes)).width, 16_384)
      })
    ))

  it.live("nothing where there is nothing to draw, and says why", () =>
    withFiles((jail, file) =>
      Effect.gen(function*() {
        const causeOf = (input: { readonly path: string; readonly name: string }, page: number) =>
          Effect.map(Effect.flip(Stream.runCollect(jail.regions(input, [whole(page)]))), ({ cause }) => cause)
        const input = yield* file(yield* Effect.promise(fielded))
        assert.deepStrictEqual(yield* causeOf(input, 2), { _tag: "NoPages" })
        assert.deepStrictEqual(yield* causeOf(yield* file(encryptedPdf), 1), {
          _tag: "Encrypted",
          wrongPassword: false
        })
        assert.strictEqual((yield* causeOf(yield* file(Buffer.from("%PDF-1.7 no more")), 1))._tag, "Corrupt")
        assert.strictEqual((yield* causeOf({ path: `${input.path}.none`, name: "" }, 1))._tag, "SourceGone")
      })
    ))

  it.live("on with the next, when a picture has taken too much and its process is gone", () =>
    withFiles((jail, file) =>
      Effect.gen(function*() {
        const document = yield* Effect.promise(() => PDFDocument.create())
        document.addPage([14_400, 14_400])
        document.addPage([100, 100])
        const input = yield* file(yield* Effect.promise(() => document.save()))
        const { cause } = yield* Effect.flip(Stream.runCollect(jail.regions(input, [whole(1)], { dpi: 72 })))
        assert.deepStrictEqual(cause, { _tag: "ParserCrashed", detail: "it needed more memory than it may have" })
        const [small] = yield* Stream.runCollect(jail.regions(input, [whole(2)], { dpi: 72 }))
        assert.strictEqual((yield* pixelsOf(small!.bytes)).width, 100)
      }), { maxPixels: 200_000_000, maxMemoryBytes: 400_000_000 }))
})

describe("RenderJail recognises", () => {
  const lines = ["The quick brown fox jumps", "over seventeen lazy dogs", "and forty librarians."]

  it.live("words on the picture of a page, with a box for each line, and knows a page with nothing on it", () =>
    withFiles((jail, file) =>
      Effect.gen(function*() {
        const input = yield* file(yield* Effect.promise(() => scanPdf([[], lines])))
        assert.deepStrictEqual(yield* jail.recognise(input, 1), { page: 1, blank: true, elements: [], confidence: 0 })
        const { blank, confidence, elements } = yield* jail.recognise(input, 2)
        assert.isFalse(blank)
        assert.isTrue(elements.every(({ kind }) => kind === "paragraph"))
        assert.strictEqual(textOf(elements), lines.join(" "))
        const boxes = elements.flatMap(({ boxes }) => boxes)
        const [first, second, third] = boxes
        assert.strictEqual(boxes.length, 3)
        assert.isTrue(first!.page === 2 && first!.y1 < second!.y0 && second!.y1 < third!.y0)
        assert.approximately(first!.x0, 20 / 300, 0.02)
        assert.approximately(first!.y0, 29 / 160, 0.03)
        assert.isAbove(confidence, 80)
      })
    ))

  it.live("a page that lies on its side, where it stands", () =>
    withFiles((jail, file) =>
      Effect.gen(function*() {
        const input = yield* file(yield* Effect.promise(() => scanPdf([lines], 3)))
        const { elements } = yield* jail.recognise(input, 1)
        assert.strictEqual(textOf(elements), lines.join(" "))
        const [first, second] = elements.flatMap(({ boxes }) => boxes)
        assert.isTrue(first!.x1 < second!.x0 && first!.y1 - first!.y0 > 4 * (first!.x1 - first!.x0))
        assert.approximately(first!.y1, 1 - 20 / 300, 0.02)
      })
    ), 30_000)

  it.live("no longer than anybody waits for it, and then the next one", () =>
    withFiles((jail, file) =>
      Effect.gen(function*() {
        const input = yield* file(yield* Effect.promise(() => scanPdf([lines])))
        const fiber = yield* Effect.forkChild(jail.recognise(input, 1), { startImmediately: true })
        yield* Fiber.interrupt(fiber)
        assert.strictEqual(textOf((yield* jail.recognise(input, 1)).elements), lines.join(" "))
      })
    ))

  it.live("within its time", () =>
    withFiles((jail, file) =>
      Effect.gen(function*() {
        const input = yield* file(yield* Effect.promise(() => scanPdf([lines])))
        const { cause } = yield* Effect.flip(jail.recognise(input, 1))
        assert.deepStrictEqual(cause, { _tag: "ParserTimedOut", limitMs: 1 })
      }), { wallTimeMs: 1 }))
})
