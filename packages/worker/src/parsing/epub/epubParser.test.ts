import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { outline, parseContent } from "../testFile.ts"
import { zipBytes } from "../zip/testZip.ts"

const container =
  `<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
  <rootfiles><rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>`

const opf = `<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">
  <metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>On Pumps</dc:title><dc:creator>Ann Author</dc:creator></metadata>
  <manifest>
    <item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
    <item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>
    <item id="one" href="text/one%20a.xhtml" media-type="application/xhtml+xml"/>
    <item id="two" href="text/two.xhtml" media-type="application/xhtml+xml"/>
    <item id="gone" href="text/gone.xhtml" media-type="application/xhtml+xml"/>
    <item id="pic" href="images/pump.png" media-type="image/png"/>
  </manifest>
  <spine toc="ncx"><itemref idref="nav"/><itemref idref="two"/><itemref idref="gone"/><itemref idref="one"/></spine></package>`

const nav = `<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><body>
  <nav epub:type="landmarks"><ol><li><a href="text/two.xhtml">Start</a></li></ol></nav>
  <nav epub:type="toc"><ol><li><a href="text/two.xhtml">Wells</a><ol><li><a href="text/one%20a.xhtml">Parts</a></li></ol></li></ol></nav>
  </body></html>`

const ncx = `<?xml version="1.0"?><ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>
  <navPoint><navLabel><text>Wells of old</text></navLabel><content src="text/two.xhtml#x"/></navPoint></navMap></ncx>`

const one =
  `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body><h1>The parts</h1>
  <p><a id="x"/>A rotor.</p><p><img src="../images/pump.png" alt="A pump"/></p>
  <img src="http://x.y/z.png" alt="far away"/></body></html>`

const two = `<html><body><p>Water comes from wells.</p><ul><li>deep</li></ul></body></html>`

const files = {
  "META-INF/container.xml": container,
  "OPS/book.opf": opf,
  "OPS/nav.xhtml": nav,
  "OPS/toc.ncx": ncx,
  "OPS/text/one a.xhtml": one,
  "OPS/text/two.xhtml": two,
  "OPS/images/pump.png": Buffer.alloc(500, 3)
}

const book = (changes: Readonly<Record<string, string | Uint8Array | undefined>> = {}) =>
  zipBytes([
    { name: "mimetype", content: "application/epub+zip", stored: true },
    ...Object.entries({ ...files, ...changes }).flatMap(([name, content]) =>
      content === undefined ? [] : [{ name, content }]
    )
  ])

const encryption = (algorithm: string, path: string) =>
  `<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" xmlns:enc="http://www.w3.org/2001/04/xmlenc#">
  <enc:EncryptedData><enc:EncryptionMethod Algorithm="${algorithm}"/>
  <enc:CipherData><enc:CipherReference URI="${path}"/></enc:CipherData></enc:EncryptedData></encryption>`

describe("epubParser", () => {
  it.effect("reads a book in its order, under its title, with its pictures", () =>
    Effect.gen(function*() {
      const parsed = yield* parseContent(book(), "a.epub")
      assert.strictEqual(parsed.mediaType, "application/epub+zip")
      assert.deepStrictEqual(outline(parsed), [
        "title1: On Pumps",
        "paragraph: Ann Author",
        "title2: Wells",
        "paragraph: Water comes from wells.",
        "list: - deep",
        "title2: The parts",
        "paragraph: A rotor.",
        "image: A pump",
        "image: far away"
      ])
      assert.deepStrictEqual(parsed.assets.map(({ bytes, mediaType, name }) => [bytes.length, mediaType, name]), [
        [500, "image/png", "pump.png"]
      ])
      assert.match(parsed.warnings[0]!.detail, /gone\.xhtml/)
    }))

  it.effect("takes the names of the older table of contents where there is no other", () =>
    Effect.gen(function*() {
      const old = opf.replace(" properties=\"nav\"", "").replace("<itemref idref=\"nav\"/>", "")
      assert.include(outline(yield* parseContent(book({ "OPS/book.opf": old }), "a.epub")), "title2: Wells of old")
    }))

  it.effect("tells a book under a lock from one whose fonts are", () =>
    Effect.gen(function*() {
      const locked = encryption("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "OPS/text/two.xhtml")
      const { failure } = yield* Effect.flip(parseContent(book({ "META-INF/encryption.xml": locked }), "a.epub"))
      assert.deepStrictEqual(failure, { _tag: "Encrypted", wrongPassword: false })
      const fonts = encryption("http://www.idpf.org/2008/embedding", "OPS/fonts/a.otf")
      const parsed = yield* parseContent(book({ "META-INF/encryption.xml": fonts }), "a.epub")
      assert.include(outline(parsed), "paragraph: A rotor.")
    }))

  it.effect("says what is wrong with what is no book", () =>
    Effect.gen(function*() {
      for (
        const changes of [
          { "META-INF/container.xml": undefined },
          { "OPS/book.opf": undefined },
          { "OPS/book.opf": "<package" },
          { "OPS/book.opf": opf.replaceAll("itemref", "other") },
          { "META-INF/container.xml": container.replace("OPS/book.opf", "../../etc/passwd") }
        ]
      ) {
        const { failure } = yield* Effect.flip(parseContent(book(changes), "a.epub"))
        assert.strictEqual(failure._tag, "Corrupt")
      }
    }))
})
