import { ParseFailure } from "../Parser.ts"
import { child, childrenOf, descendants, textOf, type XmlElement, xmlTree } from "../xml/tree.ts"
import type { Zip } from "../zip/openZip.ts"
import { resolve } from "./paths.ts"

export interface Item {
  /** The name of the container's entry. */
  readonly path: string
  readonly mediaType: string
}

/** What a book is made of, as its package says (EPUB 2 and 3). */
export interface Book {
  readonly title: string
  readonly authors: ReadonlyArray<string>
  /** What is read, in its order. */
  readonly spine: ReadonlyArray<Item>
  readonly items: ReadonlyMap<string, Item>
  /** The table of contents: an EPUB 3 document, or that of EPUB 2. */
  readonly nav: Item | undefined
  readonly ncx: Item | undefined
}

/** Parts of a book; more are no book. */
const maxItems = 20_000

/** Reads the package of a book. Throws `Corrupt` for a container that holds none, `Encrypted` for one whose text is under a lock. */
export const openBook = async (zip: Zip): Promise<Book> => {
  const packagePath = await rootOf(zip)
  const root = await xmlTree(zip.stream(packagePath))
  const metadata = child(root, "opf:metadata")
  const manifest = childrenOf(child(root, "opf:manifest"), "opf:item").slice(0, maxItems)
  const byId = new Map<string, Item>()
  const items = new Map<string, Item>()
  let nav: Item | undefined
  for (const { attributes } of manifest) {
    const path = resolve(packagePath, attributes["href"] ?? "")
    if (path === null) continue
    const item: Item = { path, mediaType: (attributes["media-type"] ?? "").toLowerCase() }
    byId.set(attributes["id"] ?? "", item)
    items.set(path, item)
    if (/(?:^|\s)nav(?:\s|$)/.test(attributes["properties"] ?? "")) nav = item
  }
  const spineElement = child(root, "opf:spine")
  const spine = childrenOf(spineElement, "opf:itemref").slice(0, maxItems).flatMap(({ attributes }) => {
    const item = byId.get(attributes["idref"] ?? "")
    return item === undefined ? [] : [item]
  })
  if (spine.length === 0) {
    throw new ParseFailure({ _tag: "Corrupt", detail: "the book says of nothing that it is to be read" })
  }
  const locked = await lockedPaths(zip)
  if (spine.some(({ path }) => locked.has(path))) throw new ParseFailure({ _tag: "Encrypted", wrongPassword: false })
  return {
    title: words(child(metadata, "dc:title")),
    authors: childrenOf(metadata, "dc:creator").map(words).filter((name) => name !== ""),
    spine,
    items,
    nav,
    ncx: byId.get(spineElement?.attributes["toc"] ?? "") ??
      [...items.values()].find(({ mediaType }) => mediaType === "application/x-dtbncx+xml")
  }
}

const words = (element: XmlElement | undefined): string => textOf(element).replace(/\s+/g, " ").trim()

const rootOf = async (zip: Zip): Promise<string> => {
  const container = await xmlTree(zip.stream("META-INF/container.xml"))
  for (const { attributes } of descendants(container, "container:rootfile")) {
    const path = resolve("", attributes["full-path"] ?? "")
    if (path !== null && zip.has(path)) return path
  }
  throw new ParseFailure({ _tag: "Corrupt", detail: "the container names no book that it holds" })
}

/** Fonts are made unusable elsewhere by these; nobody needs a key to read the book. */
const harmless = new Set(["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"])

/** Entries that only the owner of a key can read. */
const lockedPaths = async (zip: Zip): Promise<ReadonlySet<string>> => {
  const locked = new Set<string>()
  if (!zip.has("META-INF/encryption.xml")) return locked
  const encryption = await xmlTree(zip.stream("META-INF/encryption.xml"))
  // Names of a namespace that is used nowhere else.
  for (const data of descendants(encryption, "?:EncryptedData", "EncryptedData")) {
    const [method] = descendants(data, "?:EncryptionMethod", "EncryptionMethod")
    const [reference] = descendants(data, "?:CipherReference", "CipherReference")
    const path = resolve("", reference?.attributes["URI"] ?? "")
    if (path !== null && !harmless.has(method?.attributes["Algorithm"] ?? "")) locked.add(path)
  }
  return locked
}
