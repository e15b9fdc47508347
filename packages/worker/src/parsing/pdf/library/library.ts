import { registerHooks } from "node:module"
import { fileURLToPath } from "node:url"
import { readFileSync } from "node:fs"
import { brotliDecompressSync, inflateSync } from "node:zlib"
import { storedPicture } from "./storedPicture.ts"

// The library unpacks a stream of a file as a whole, into memory, however large that is, and decodes every picture of a page, though most
// are ornaments, letterheads and scans of pages that nobody asks for. And it keeps every object of a file that it has read. It has no option
// for any of these, so its worker is loaded with some of its statements changed.

/** Bytes that one stream may be unpacked to: a picture of six million pixels, in 16 bits and four colours, has fewer. */
export const maxStreamBytes = 64 * 1_024 * 1_024

/** Objects of a file that are kept: more are let go, all at once, and read again where they are asked for. */
const maxObjects = 1_024

/** So many are read before that happens again: a single one may bring thousands of others along. */
const objectsBetween = 64

/** What the library is told as the size of the largest picture to decode where it shall decode none, but tell of each as it is stored. */
export const storedPictures = 0

interface Bounds {
  /** Throws where a stream is larger than it may be, and whenever it is tried again. */
  readonly check: (bytes: number, stream: object) => void
  /** Unpacks a stream, or throws: what is damaged, the library unpacks by itself as far as it goes. */
  readonly unpack: (format: string, packed: Uint8Array, stream: object) => Uint8Array
  readonly picture: typeof storedPicture
}

const over = new WeakSet<object>()

let overruns = 0

const bounds: Bounds = {
  picture: storedPicture,
  check: (bytes, stream) => {
    if (bytes <= maxStreamBytes && !over.has(stream)) return
    over.add(stream)
    overruns++
    throw new Error(`a part of the file is larger than ${maxStreamBytes} bytes when it is unpacked`)
  },
  unpack: (format, packed, stream) => {
    const options = { maxOutputLength: maxStreamBytes }
    try {
      // In memory of their own: the library hands bytes on, and Node keeps small ones together with others.
      return new Uint8Array(format === "brotli" ? brotliDecompressSync(packed, options) : inflateSync(packed, options))
    } catch (error) {
      if (isTooLarge(error)) bounds.check(maxStreamBytes + 1, stream)
      throw error
    }
  }
}

const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE"

/** How often that has happened: the library leaves out what it cannot read, and does not say so. */
export const streamsOver = (): number => overruns

const name = "sheafBounds"

const changes: ReadonlyArray<readonly [statement: string | RegExp, instead: string]> = [
  ["#pendingRefs = new RefSet();", "#pendingRefs = new RefSet();\n  objectsRead = 0;"],
  // Where the library has made objects of its own, they are nowhere else.
  [
    "let xrefEntry = this.getEntry(num);",
    `if (++this.objectsRead > ${objectsBetween} && this.#cacheMap.size > ${maxObjects} && this.#newPersistentRefNum === null) {
      this.#cacheMap.clear();
      this.objectsRead = 0;
    }
    let xrefEntry = this.getEntry(num);`
  ],
  ["const buffer2 = new Uint8Array(size);", `${name}.check(size, this);\n    const buffer2 = new Uint8Array(size);`],
  // A stream of its own for each page costs more than unpacking it.
  [
    /const \{\s*readable,\s*writable\s*\} = new DecompressionStream\(name\);.*?decompressed: data,/s,
    `return {\n        decompressed: ${name}.unpack(name, bytes, this),`
  ],
  [
    /("Image exceeded maximum allowed size and was removed\.";\s*if \(!ignoreErrors\) \{\s*throw new Error\(msg\);\s*\}\s*warn\(msg\);)(?=\s*return;)/,
    `$1
      if (maxImageSize === ${storedPictures} && !this.parsingType3Font && !dict.get("IM", "ImageMask")) {
        const { _pdfFunctionFactory: pdfFunctionFactory, globalColorSpaceCache, xref } = this
        const all = { xref, res: resources, isInline, pdfFunctionFactory, globalColorSpaceCache, localColorSpaceCache }
        operatorList.addOp(OPS.paintImageXObject, [${name}.picture({
          width: w, height: h, dict,
          isJpeg: image instanceof JpegStream, isFlate: image.stream instanceof FlateStream,
          open: () => imageRef ? xref.fetch(Ref.fromString(imageRef)) : image,
          decode: (opened) => PDFImage.buildImage({ ...all, image: opened }).then((made) => made.createImageData(false, false))
        })])
      }`
  ]
]

const worker = import.meta.resolve("pdfjs-dist/legacy/build/pdf.worker.mjs")

/** The text of the library's worker, changed. Another version of it may have other statements: that is an error, not something to pass over. */
const changed = (): string =>
  changes.reduce((source, [statement, instead]) => {
    const next = source.replace(statement, instead)
    if (next === source) throw new Error(`pdfjs-dist has no statement ${String(statement)}`)
    return next
  }, `${readFileSync(fileURLToPath(worker), "utf8")}\nexport const isBounded = true\n`)

const load = async () => {
  const hooks = registerHooks({
    load: (url, context, next) =>
      url === worker ? { format: "module", source: changed(), shortCircuit: true } : next(url, context)
  })
  Object.assign(globalThis, { [name]: bounds })
  try {
    if (!("isBounded" in await import(worker))) throw new Error("pdfjs-dist was loaded before, without bounds")
  } finally {
    hooks.deregister()
  }
  return import("pdfjs-dist/legacy/build/pdf.mjs")
}

let loaded: ReturnType<typeof load> | undefined

/** The library, loaded when the first PDF comes: other formats need not wait for it. */
export const library = (): ReturnType<typeof load> => loaded ??= load()
