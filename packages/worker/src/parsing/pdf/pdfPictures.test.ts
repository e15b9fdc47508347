import { assert, describe, it } from "@effect/vitest"
import { createCanvas, loadImage } from "@napi-rs/canvas"
import { Effect } from "effect"
import { deflateSync } from "node:zlib"
import { parseContent } from "../testFile.ts"
import { streamObject, writePdf } from "./testPdf.ts"

const photo = (width: number, height: number): Buffer => {
  const canvas = createCanvas(width, height)
  const context = canvas.getContext("2d")
  for (let x = 0; x < width; x += 20) {
    context.fillStyle = `rgb(${x % 256}, ${(2 * x) % 256}, 90)`
    context.fillRect(x, 0, 20, height)
  }
  return canvas.toBuffer("image/jpeg", 80)
}

const stream = (entries: string, bytes: Uint8Array) =>
  `<< ${entries} /Length ${bytes.length} >>\nstream\n${Buffer.from(bytes).toString("latin1")}\nendstream`

const picture = (width: number, height: number, entries: string, bytes: Uint8Array) =>
  stream(`/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /BitsPerComponent 8 ${entries}`, bytes)

/** A page with words and one picture; more objects count from 6 on. */
const page = (shown: string, more: ReadonlyArray<string> = []) => {
  const content = "q 300 0 0 200 60 500 cm /P Do Q BT /F 10 Tf 60 480 Td (Words below a picture.) Tj ET"
  return Buffer.from(
    writePdf([
      "<< /Type /Catalog /Pages 2 0 R >>",
      "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /XObject << /P 5 0 R >> " +
      "/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
      streamObject(content),
      shown,
      ...more
    ]),
    "latin1"
  )
}

const parse = (bytes: Uint8Array) => parseContent(bytes, "a.pdf")

const jpegEntries = "/ColorSpace /DeviceRGB /Filter /DCTDecode"

describe("pictures of a PDF", () => {
  it.effect("are handed out as they are stored where that is a JPEG, however large", () =>
    Effect.gen(function*() {
      for (const [width, height] of [[400, 300], [3_000, 2_400]] as const) {
        const bytes = photo(width, height)
        const { assets, warnings } = yield* parse(page(picture(width, height, jpegEntries, bytes)))
        assert.deepStrictEqual(assets.map(({ mediaType }) => mediaType), ["image/jpeg"])
        assert.isTrue(bytes.equals(assets[0]!.bytes))
        assert.deepStrictEqual(warnings, [])
      }
    }))

  it.effect("are handed out again when the same pages are read again", () =>
    Effect.gen(function*() {
      const file = page(picture(400, 300, jpegEntries, photo(400, 300)))
      const [first, second] = [yield* parse(file), yield* parse(file)]
      assert.lengthOf(first.assets, 1)
      assert.deepStrictEqual(second.assets, first.assets)
    }))

  it.effect("are decoded where something lies between what is stored and what is shown", () =>
    Effect.gen(function*() {
      const bytes = photo(400, 300)
      const mask = picture(
        400,
        300,
        "/ColorSpace /DeviceGray /Filter /FlateDecode",
        deflateSync(new Uint8Array(120_000))
      )
      const files = [
        page(picture(400, 300, `${jpegEntries} /Decode [1 0 1 0 1 0]`, bytes)),
        page(picture(400, 300, `${jpegEntries} /SMask 6 0 R`, bytes), [mask])
      ]
      const [inverted, hidden] = yield* Effect.forEach(files, (file) =>
        Effect.flatMap(parse(file), ({ assets }) => {
          assert.deepStrictEqual(assets.map(({ mediaType }) => mediaType), ["image/png"])
          return Effect.promise(() => pixelAt(assets[0]!.bytes, 10, 10))
        }))
      const [red, green, blue] = yield* Effect.promise(() => pixelAt(bytes, 10, 10))
      for (const [at, value] of [255 - red!, 255 - green!, 255 - blue!].entries()) {
        assert.approximately(inverted![at]!, value, 4)
      }
      assert.strictEqual(hidden![3], 0)
    }))

  it.effect("are the very pixels where the rows of a PNG are stored", () =>
    Effect.gen(function*() {
      const [width, height] = [120, 90]
      const rows = new Uint8Array(height * (1 + 3 * width)).map((_, at) =>
        at % (1 + 3 * width) === 0 ? 2 : at % 5 === 0 ? 3 : 0
      )
      const packed = deflateSync(rows)
      const entries = "/ColorSpace /DeviceRGB /Filter /FlateDecode /DecodeParms "
      const parms = `<< /Predictor 15 /Colors 3 /BitsPerComponent 8 /Columns ${width} >>`
      const stored = yield* parse(page(picture(width, height, `${entries} ${parms}`, packed)))
      // With a mask that hides nothing, the library decodes it.
      const mask = picture(width, height, "/ColorSpace /DeviceGray", new Uint8Array(width * height).fill(255))
      const decoded = yield* parse(page(picture(width, height, `${entries} ${parms} /SMask 6 0 R`, packed), [mask]))
      const [one, other] = [stored, decoded].map(({ assets }) => assets[0]!.bytes)
      assert.include(Buffer.from(one!).toString("latin1"), packed.toString("latin1"))
      for (const [x, y] of [[0, 0], [7, 80], [119, 89], [60, 45]] as const) {
        const pixels = yield* Effect.promise(() => Promise.all([pixelAt(one!, x, y), pixelAt(other!, x, y)]))
        assert.deepStrictEqual(pixels[0], pixels[1])
      }
    }))

  it.effect("that unpack to more than a bound cost nothing else of their page", () =>
    Effect.gen(function*() {
      const bomb = deflateSync(Buffer.concat([photo(400, 300), Buffer.alloc(65 << 20)]))
      const entries = "/ColorSpace /DeviceRGB /Filter [/FlateDecode /DCTDecode]"
      const { assets, elements, warnings } = yield* parse(page(picture(400, 300, entries, bomb)))
      assert.deepStrictEqual(assets, [])
      assert.deepStrictEqual(elements.map(({ text }) => text), ["Words below a picture."])
      assert.lengthOf(warnings, 1)
    }))

  it.effect("that are damaged are left out, and said to be", () =>
    Effect.gen(function*() {
      const bytes = photo(400, 300).subarray(0, 100)
      const { assets, elements, warnings } = yield* parse(page(picture(400, 300, jpegEntries, bytes)))
      assert.deepStrictEqual(assets, [])
      assert.deepStrictEqual(elements.map(({ text }) => text), ["Words below a picture."])
      assert.deepStrictEqual(warnings, [{
        page: 1,
        detail: "a picture of 400 × 300 pixels is not shown: it cannot be decoded"
      }])
    }))
})

const pixelAt = async (bytes: Uint8Array, x: number, y: number): Promise<ReadonlyArray<number>> => {
  const image = await loadImage(Buffer.from(bytes))
  const context = createCanvas(image.width, image.height).getContext("2d")
  context.drawImage(image, 0, 0)
  return [...context.getImageData(x, y, 1, 1).data]
}
