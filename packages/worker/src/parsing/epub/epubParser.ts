import type { Element } from "@sheaf/domain/documents/Element"
import { type Block, blocksOf } from "../html/blocks.ts"
import { withImages } from "../html/images.ts"
import { type FoundAsset, ParseFailure, type ParseOutput, type Parser } from "../Parser.ts"
import { openZip, type Zip } from "../zip/openZip.ts"
import { type Book, type Item, openBook } from "./book.ts"
import { type Label, labelsOf } from "./contents.ts"
import { resolve } from "./paths.ts"
import { readDocument } from "./readDocument.ts"

/** Bytes of one picture. */
const maxImageBytes = 32 * 1_024 * 1_024

/**
 * A book (EPUB 2 and 3): its documents in reading order, under its title. A document without headings is called what the table of
 * contents calls it; the table itself is left out. A document that cannot be read costs that document only.
 */
export const epubParser: Parser = {
  inspect: async ({ mediaType }) => ({ mediaType, pages: 0 }),
  parse: async function*({ path }, _range, output) {
    const zip = await openZip(path)
    try {
      const book = await openBook(zip)
      const labels = await labelsOf(zip, book)
      if (book.title !== "") yield { kind: "title", level: 1, text: book.title, boxes: [] }
      if (book.authors.length > 0) yield { kind: "paragraph", text: book.authors.join(", "), boxes: [] }
      for (const item of book.spine) {
        if (item.path !== book.nav?.path) yield* documentElements(zip, book, item, labels.get(item.path), output)
      }
    } finally {
      zip.close()
    }
  }
}

const documentElements = async function*(
  zip: Zip,
  book: Book,
  item: Item,
  label: Label | undefined,
  output: ParseOutput
): AsyncGenerator<Element> {
  const blocks = await blocksIn(zip, book, item, output)
  // The book's title stands above all others.
  const shift = book.title === "" ? 0 : 1
  if (label !== undefined && blocks.length > 0 && !blocks.some(({ kind }) => kind === "title")) {
    yield { kind: "title", level: Math.min(label.depth + shift, 6), text: label.text, boxes: [] }
  }
  const lower = (block: Block): Block =>
    block.level === undefined ? block : { ...block, level: Math.min(block.level + shift, 6) }
  yield* withImages(blocks.map(lower), output, (source) => imageAt(zip, book, resolve(item.path, source)))
}

const blocksIn = async (zip: Zip, book: Book, { path }: Item, { warn }: ParseOutput): Promise<ReadonlyArray<Block>> => {
  try {
    const isImage = (source: string) => {
      const image = resolve(path, source)
      return image !== null && zip.has(image) && book.items.get(image)?.mediaType.startsWith("image/") === true
    }
    return blocksOf(await readDocument(zip, path), { hasImage: isImage })
  } catch (error) {
    if (!(error instanceof ParseFailure) || error.failure._tag !== "Corrupt") throw error
    warn({ page: null, detail: error.failure.detail })
    return []
  }
}

const imageAt = async (zip: Zip, book: Book, path: string | null): Promise<FoundAsset | null> => {
  const item = path === null ? undefined : book.items.get(path)
  if (item === undefined || (zip.size(item.path) ?? 0) > maxImageBytes) return null
  const name = item.path.split("/").at(-1)
  return { bytes: await zip.read(item.path, maxImageBytes), mediaType: item.mediaType, name }
}
