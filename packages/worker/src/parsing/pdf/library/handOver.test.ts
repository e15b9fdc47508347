import { assert, describe, it } from "@effect/vitest"
import { handOver } from "./handOver.ts"

const operators = () => {
  const glyph = { unicode: "a", width: 500 }
  return { glyph, message: { streamId: 3, chunk: { fnArray: [44, 2], argsArray: [[[glyph]], null], lastChunk: true } } }
}

describe("handOver", () => {
  it("gives operators in lists of their own, and letters as they are", () => {
    const { glyph, message } = operators()
    const got = handOver(message)
    message.chunk.fnArray.length = 0
    message.chunk.argsArray.length = 0
    assert.deepStrictEqual(got, {
      streamId: 3,
      chunk: { fnArray: [44, 2], argsArray: [[[glyph]], null], lastChunk: true }
    })
    assert.strictEqual((got.chunk.argsArray[0] as ReadonlyArray<ReadonlyArray<unknown>>)[0]![0], glyph)
  })

  it("hands over answers and questions about pages as they are", () => {
    const answer = { callback: 1, callbackId: 7, data: { view: [0, 0, 612, 792] } }
    const question = { action: "GetPage", callbackId: 8, data: { pageIndex: 3 } }
    assert.strictEqual(handOver(answer), answer)
    assert.strictEqual(handOver(question), question)
  })

  it("clones what is kept, as fonts and pictures are, and moves what is to be moved", () => {
    const font = { action: "commonobj", data: ["g_f1", "Font", {}] }
    assert.notStrictEqual(handOver(font), font)
    assert.deepStrictEqual(handOver(font), font)
    const bytes = new Uint8Array([1, 2, 3])
    const message = { data: { bytes } }
    const got = handOver(message, { transfer: [bytes.buffer] })
    assert.deepStrictEqual([...got.data.bytes], [1, 2, 3])
    assert.strictEqual(bytes.length, 0)
  })
})
