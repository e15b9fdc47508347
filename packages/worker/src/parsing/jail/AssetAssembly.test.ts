import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { FoundAsset } from "../Parser.ts"
import { AssetAssembly, type ParsedAsset } from "./AssetAssembly.ts"
import { assetsTo, hashOf } from "./assets.ts"
import type { JailReply } from "./protocol.ts"

const replyOf = (bytes: Uint8Array, changes: Partial<Extract<JailReply, { readonly _tag: "Asset" }>> = {}) => ({
  _tag: "Asset" as const,
  hash: hashOf(bytes),
  mediaType: "image/png",
  size: bytes.length,
  ...changes
})

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64")

/** What arrives of what is handed out, over lines of JSON as between processes. */
const sent = async (assets: ReadonlyArray<FoundAsset>) => {
  const lines: Array<string> = []
  const asset = assetsTo((reply) => void lines.push(JSON.stringify(reply)))
  const hashes: Array<string> = []
  for (const found of assets) hashes.push(await asset(found))
  const assembly = new AssetAssembly()
  const arrived: Array<ParsedAsset> = []
  for (const line of lines) {
    const reply = JSON.parse(line) as JailReply
    const next = reply._tag === "Asset"
      ? assembly.begin(reply)
      : assembly.add(reply._tag === "AssetPart" ? reply.base64 : "")
    assert.isNotNull(next)
    if (next !== null && next !== "more") arrived.push(next)
  }
  return { hashes, arrived, lines }
}

describe("assets on their way out of the jail", () => {
  it("arrive whole, whatever their length, and the same bytes once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 500_000 }), { maxLength: 4 }), async (lengths) => {
        const assets = lengths.map((length, at) => ({
          bytes: new Uint8Array(length).fill(at),
          mediaType: "image/png",
          name: at === 0 ? undefined : `${at}.png`
        }))
        const { arrived, hashes, lines } = await sent([...assets, ...assets])
        assert.isTrue(lines.every((line) => line.length < 300_000))
        assert.deepStrictEqual(hashes, [...assets, ...assets].map(({ bytes }) => hashOf(bytes)))
        const once = new Map(assets.toReversed().map((asset) => [hashOf(asset.bytes), asset]))
        assert.strictEqual(arrived.length, once.size)
        for (const { bytes, hash } of arrived) assert.deepStrictEqual(hashOf(bytes), hash)
      }),
      { numRuns: 20 }
    )
  })

  it("carry their name and media type", async () => {
    const { arrived } = await sent([{ bytes: Uint8Array.of(1, 2), mediaType: "text/x", name: "a.x" }])
    assert.deepStrictEqual(arrived.map(({ mediaType, name }) => [mediaType, name]), [["text/x", "a.x"]])
  })
})

describe("AssetAssembly", () => {
  const bytes = Uint8Array.of(1, 2, 3, 4)

  it("knows an asset that is not what it says", () => {
    const assembly = new AssetAssembly()
    assert.strictEqual(assembly.begin(replyOf(bytes, { hash: hashOf(Uint8Array.of(9)) })), "more")
    assert.isNull(assembly.add(base64(bytes)))
    assert.isNull(new AssetAssembly().begin(replyOf(bytes, { size: 0 })))
  })

  it("knows parts out of order", () => {
    assert.isNull(new AssetAssembly().add(base64(bytes)))
    const assembly = new AssetAssembly()
    assert.strictEqual(assembly.begin(replyOf(bytes)), "more")
    assert.isNull(assembly.begin(replyOf(bytes)))
    const swapped = new AssetAssembly()
    swapped.begin(replyOf(bytes))
    assert.strictEqual(swapped.add(base64(bytes.subarray(2))), "more")
    assert.isNull(swapped.add(base64(bytes.subarray(0, 2))))
  })

  it("takes no more bytes than announced, and no parts without any", () => {
    const assembly = new AssetAssembly()
    assembly.begin(replyOf(bytes))
    assert.isNull(assembly.add(base64(Uint8Array.of(1, 2, 3, 4, 5))))
    const idle = new AssetAssembly()
    idle.begin(replyOf(bytes))
    assert.isNull(idle.add(""))
    assert.isNull(new AssetAssembly().begin(replyOf(bytes, { size: -1 })))
  })
})
