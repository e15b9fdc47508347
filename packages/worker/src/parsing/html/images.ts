import type { AssetRef, Element } from "@sheaf/domain/documents/Element"
import type { FoundAsset, ParseOutput } from "../Parser.ts"
import type { Block } from "./blocks.ts"

/** Bytes of a picture that shows something: smaller ones are spacers and counters. */
const minBytes = 100
const maxBytes = 32 * 1_024 * 1_024

/** Pictures of one document. */
const maxImages = 2_000

const dataImage = /^\s*data:(image\/[a-z0-9.+-]{1,60})((?:;[^,;]{0,100}){0,4}),/i

/** Whether the picture is in the page itself. Whatever lies elsewhere is never fetched. */
export const isDataImage = (source: string): boolean => dataImage.test(source.slice(0, 600))

/** The bytes of a `data:` address; null for what is no picture, or too small or too large to be one. */
export const openDataImage = (source: string): FoundAsset | null => {
  const found = dataImage.exec(source.slice(0, 600))
  if (found === null || source.length > maxBytes * 1.4) return null
  const body = source.slice(found[0].length)
  const bytes = /;\s*base64/i.test(found[2] ?? "") ? Buffer.from(body, "base64") : fromPercent(body)
  return bytes === null || bytes.length < minBytes ? null : { bytes, mediaType: found[1]!.toLowerCase() }
}

const fromPercent = (text: string): Uint8Array | null => {
  try {
    return Buffer.from(decodeURIComponent(text), "utf8")
  } catch {
    return null
  }
}

/** Hands out the pictures that `open` finds, before the blocks that they belong to. */
export const withImages = async function*(
  blocks: Iterable<Block>,
  { asset, warn }: ParseOutput,
  open: (source: string) => Promise<FoundAsset | null> | FoundAsset | null
): AsyncGenerator<Element> {
  let count = 0
  let left = 0
  for (const { images = [], ...element } of blocks) {
    const assets: Array<AssetRef> = []
    for (const source of images) {
      if (count >= maxImages) {
        left++
        continue
      }
      const found = await open(source)
      if (found === null || found.bytes.length < minBytes || found.bytes.length > maxBytes) continue
      count++
      assets.push({ hash: await asset(found), role: "image" })
    }
    yield assets.length > 0 ? { ...element, assets } : element
  }
  if (left > 0) warn({ page: null, detail: `${left} pictures beyond the first ${maxImages} were left out` })
}
