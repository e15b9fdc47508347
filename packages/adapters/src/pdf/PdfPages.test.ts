import { assert, it } from "@effect/vitest"
import { loadImage } from "@napi-rs/canvas"
import type { Box } from "@sheaf/domain/documents/Element"
import { Clock, Duration, Effect } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import * as Path from "node:path"
import { degrees, PDFDocument, StandardFonts } from "pdf-lib"
import { textsOfPdf } from "../../../../test/support/pdf/textsOfPdf.ts"
import { PdfPages } from "./PdfPages.ts"

const real = Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())

/** Pages of 600 by 800 points, each with its number on it; some are turned. */
const draw = (count: number, angle = 0) =>
  Effect.promise(async () => {
    const document = await PDFDocument.create()
    const font = await document.embedFont(StandardFonts.Helvetica)
    for (let number = 1; number <= count; number++) {
      const page = document.addPage([600, 800])
      page.drawText(`Page ${number}`, { x: 60, y: 700, size: 40, font })
      page.setRotation(degrees(angle))
    }
    return document.save()
  })

const file = (bytes: Uint8Array | string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const folder = mkdtempSync(Path.join(tmpdir(), "sheaf-pdf-"))
      const path = Path.join(folder, "raw")
      writeFileSync(path, bytes)
      return { folder, path }
    }),
    ({ folder }) => Effect.sync(() => rmSync(folder, { recursive: true }))
  ).pipe(Effect.map(({ path }) => path))

const textsOf = (bytes: Uint8Array) => Effect.promise(() => textsOfPdf(bytes))

const box = (page: number): Box => ({ page, x0: 0.1, y0: 0.05, x1: 0.5, y1: 0.15 })

it.layer(PdfPages.layer({ maxPages: 3 }), { timeout: "60 seconds" })("PdfPages", (it) => {
  it.effect("cites the pages that boxes stand on, each once and in order", () =>
    Effect.gen(function*() {
      const pdf = yield* PdfPages
      const path = yield* file(yield* draw(20))
      const bytes = yield* pdf.cite(path, [box(17), box(3), { ...box(3), y0: 0.5, y1: 0.6 }])
      assert.deepStrictEqual(yield* textsOf(bytes), ["Page 3", "Page 17"])
    }).pipe(real))

  it.effect("highlights what is cited where it stands, however the page is turned", () =>
    Effect.gen(function*() {
      const pdf = yield* PdfPages
      for (const angle of [0, 90, 180, 270]) {
        const cited = yield* pdf.cite(yield* file(yield* draw(1, angle)), [{
          page: 1,
          x0: 0.2,
          y0: 0.1,
          x1: 0.4,
          y1: 0.2
        }])
        const picture = yield* pdf.thumbnail(yield* file(cited), 200)
        const at = yield* Effect.promise(() => pixelsOf(picture))
        assert.isTrue(isYellow(at(0.3, 0.15)), `inside, at ${angle}`)
        for (const [x, y] of [[0.15, 0.15], [0.45, 0.15], [0.3, 0.05], [0.3, 0.25], [0.7, 0.85]] as const) {
          assert.isFalse(isYellow(at(x, y)), `outside at ${x}, ${y}, at ${angle}`)
        }
      }
    }).pipe(real))

  it.effect("leaves the rest of a document where it is, whatever links lead to it", () =>
    Effect.gen(function*() {
      const pdf = yield* PdfPages
      const whole = yield* draw(200)
      const cited = yield* pdf.cite(yield* file(whole), [box(100)])
      assert.isBelow(cited.length, whole.length / 10)
    }).pipe(real))

  it.effect("says why there is nothing to show", () =>
    Effect.gen(function*() {
      const pdf = yield* PdfPages
      const causeOf = (path: string, boxes: ReadonlyArray<Box>) =>
        Effect.map(Effect.flip(pdf.cite(path, boxes)), (error) => error.cause._tag)
      const path = yield* file(yield* draw(5))
      assert.strictEqual(yield* causeOf(path, [box(1), box(2), box(3), box(4)]), "TooLarge")
      assert.strictEqual(yield* causeOf(path, [box(9)]), "NoPages")
      assert.strictEqual(yield* causeOf(yield* file("%PDF-1.7\nnothing of the kind"), [box(1)]), "Corrupt")
      const broken = yield* Effect.flip(pdf.thumbnail(yield* file("%PDF-1.7\nnothing of the kind"), 100))
      assert.strictEqual(broken.cause._tag, "Corrupt")
    }).pipe(real))

  it.effect("renders the first page, as wide as it is told", () =>
    Effect.gen(function*() {
      const pdf = yield* PdfPages
      const picture = yield* pdf.thumbnail(yield* file(yield* draw(2)), 300)
      const image = yield* Effect.promise(() => loadImage(Buffer.from(picture)))
      assert.deepStrictEqual([image.width, image.height], [300, 400])
    }).pipe(real))
})

it.effect(
  "a process that takes too long or too much is ended, and what waits for it goes on",
  () =>
    Effect.gen(function*() {
      const path = yield* file(yield* draw(3))
      const outcome = (limits: Parameters<typeof PdfPages.layer>[0]) =>
        Effect.gen(function*() {
          const pdf = yield* PdfPages
          return (yield* Effect.flip(pdf.cite(path, [box(1)]))).cause._tag
        }).pipe(Effect.provide(PdfPages.layer(limits ?? {})))
      assert.strictEqual(yield* outcome({ limits: { wallTime: Duration.millis(1) } }), "ParserTimedOut")
      assert.strictEqual(yield* outcome({ limits: { maxMemoryBytes: 10_000_000 } }), "ParserCrashed")
      assert.strictEqual(yield* outcome({ limits: { maxOutputBytes: 100 } }), "ParserCrashed")
    }).pipe(real),
  { timeout: 60_000 }
)

const pixelsOf = async (picture: Uint8Array) => {
  const { createCanvas } = await import("@napi-rs/canvas")
  const image = await loadImage(Buffer.from(picture))
  const canvas = createCanvas(image.width, image.height)
  const context = canvas.getContext("2d")
  context.drawImage(image, 0, 0)
  return (x: number, y: number) =>
    context.getImageData(Math.floor(x * image.width), Math.floor(y * image.height), 1, 1).data
}

const isYellow = ([red = 0, green = 0, blue = 0]: Iterable<number> & { readonly [index: number]: number }): boolean =>
  red > 200 && green > 150 && blue < 200
