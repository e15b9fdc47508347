import type { AssetRef, Element } from "@sheaf/domain/documents/Element"
import { ParseFailure, type ParseOutput } from "../Parser.ts"
import type { Package } from "./openPackage.ts"

/** A block, and the parts that hold the pictures in it. */
export interface Block extends Element {
  readonly images?: ReadonlyArray<string>
}

/** Bytes of a picture that shows something: smaller ones are spacers. */
const minBytes = 100
const maxBytes = 32 * 1_024 * 1_024

/** Pictures of one document. */
const maxPictures = 2_000

/** What browsers show, by their types and by the names of parts whose type is wrong. Metafiles of Windows are not among it. */
const shown = /^image\/(?:png|jpe?g|gif|webp|bmp|tiff|svg\+xml)$/
const byExtension: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  bmp: "image/bmp",
  tif: "image/tiff",
  tiff: "image/tiff",
  svg: "image/svg+xml"
}

/** What a picture of this name is; undefined where the name is not that of one. */
export const pictureType = (name: string): string | undefined =>
  byExtension[name.slice(name.lastIndexOf(".") + 1).toLowerCase()]

/** Hands out the pictures of a package, each read once, before the blocks that they stand in. */
export class Pictures {
  readonly #source: Package
  readonly #output: ParseOutput
  readonly #known = new Map<string, AssetRef | null>()
  #left = 0

  constructor(source: Package, output: ParseOutput) {
    this.#source = source
    this.#output = output
  }

  async *into(blocks: Iterable<Block>): AsyncGenerator<Element> {
    for (const { images = [], ...element } of blocks) {
      const assets: Array<AssetRef> = []
      for (const part of new Set(images)) {
        const found = await this.#take(part)
        if (found !== null) assets.push(found)
      }
      yield assets.length > 0 ? { ...element, assets } : element
    }
  }

  end(): void {
    if (this.#left === 0) return
    this.#output.warn({
      page: null,
      detail: `${this.#left} pictures beyond the first ${maxPictures} were left out`
    })
  }

  async #take(part: string): Promise<AssetRef | null> {
    const known = this.#known.get(part)
    if (known !== undefined) return known
    const found = this.#known.size < maxPictures ? await this.#read(part) : null
    if (this.#known.size < maxPictures) this.#known.set(part, found)
    else this.#left++
    return found
  }

  async #read(part: string): Promise<AssetRef | null> {
    const said = this.#source.typeOf(part).toLowerCase().replace("image/jpg", "image/jpeg")
    const mediaType = shown.test(said) ? said : pictureType(part)
    if (mediaType === undefined || !this.#source.has(part)) return null
    try {
      const bytes = await this.#source.read(part, maxBytes)
      if (bytes.length < minBytes) return null
      const name = part.slice(part.lastIndexOf("/") + 1)
      return { hash: await this.#output.asset({ bytes, mediaType, name }), role: "image" }
    } catch (error) {
      // A picture that is damaged or far too large costs the picture only.
      if (!(error instanceof ParseFailure)) throw error
      this.#output.warn({ page: null, detail: `a picture could not be read: ${part.slice(0, 100)}` })
      return null
    }
  }
}
