import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { inflateSync } from "node:zlib"
import { maxPngPixels, type Pixels, toPng } from "./png.ts"

const channels = { bits: 1, rgb: 3, rgba: 4 } as const

/** Reads back what `toPng` writes: one IDAT, filter 1 on every line. */
const read = (png: Uint8Array, kind: Pixels["kind"]) => {
  const view = Buffer.from(png)
  const [width, height] = [view.readUInt32BE(16), view.readUInt32BE(20)]
  const lines = inflateSync(view.subarray(41, 41 + view.readUInt32BE(33)))
  const stride = width * channels[kind]
  const data = new Uint8Array(stride * height)
  for (let y = 0; y < height; y++) {
    assert.strictEqual(lines[y * (stride + 1)], 1)
    for (let at = 0; at < stride; at++) {
      const left = at < channels[kind] ? 0 : data[y * stride + at - channels[kind]]!
      data[y * stride + at] = lines[y * (stride + 1) + 1 + at]! + left
    }
  }
  return { width, height, data }
}

describe("toPng", () => {
  it("keeps every pixel of a picture that is small enough", () => {
    const size = fc.integer({ min: 1, max: 20 })
    fc.assert(
      fc.property(
        size,
        size,
        fc.constantFrom("rgb" as const, "rgba" as const),
        fc.integer(),
        (width, height, kind, seed) => {
          const data = new Uint8Array(width * height * channels[kind]).map((_, at) => (at * 7919 + seed) % 256)
          assert.deepStrictEqual(read(toPng({ width, height, kind, data })!, kind), { width, height, data })
        }
      )
    )
  })

  it("makes bits black and white", () => {
    const { data } = read(
      toPng({ width: 10, height: 1, kind: "bits", data: new Uint8Array([0b10100000, 0b01000000]) })!,
      "bits"
    )
    assert.deepStrictEqual([...data], [255, 0, 255, 0, 0, 0, 0, 0, 0, 255])
  })

  it("makes large pictures smaller, and refuses those whose bytes are missing", () => {
    const [width, height] = [2_000, 1_500]
    const png = toPng({ width, height, kind: "rgb", data: new Uint8Array(3 * width * height).fill(200) })!
    const found = read(png, "rgb")
    assert.deepStrictEqual([found.width, found.height, found.data[17]], [1_000, 750, 200])
    assert.isTrue(found.width * found.height <= maxPngPixels)
    assert.isNull(toPng({ width: 10, height: 10, kind: "rgb", data: new Uint8Array(299) }))
  })
})
