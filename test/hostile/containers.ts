import { type TestEntry, zipBytes, zipOfFiles } from "@sheaf/worker/parsing/zip/testZip"
import { gzipSync } from "node:zlib"

// Containers that nobody means well with.

const types = (main: string) =>
  `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
  `<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
  `<Default Extension="xml" ContentType="application/xml"/>` +
  `<Override PartName="/word/document.xml" ContentType="${main}"/></Types>`

const plain = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
const withMacros = "application/vnd.ms-word.document.macroEnabled.main+xml"

const relations =
  `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
  `<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" ` +
  `Target="word/document.xml"/></Relationships>`

const namespace = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"`

/** A body of one paragraph. */
export const paragraph = (text: string): string =>
  `<?xml version="1.0"?><w:document ${namespace}><w:body><w:p><w:r><w:t>${text}</w:t></w:r></w:p></w:body></w:document>`

interface Word {
  readonly document: string | Uint8Array
  readonly more?: ReadonlyArray<TestEntry>
  readonly macros?: boolean
}

/** A Word document around the XML of its body. */
export const word = ({ document, macros = false, more = [] }: Word): Uint8Array =>
  zipBytes([
    { name: "[Content_Types].xml", content: types(macros ? withMacros : plain) },
    { name: "_rels/.rels", content: relations },
    { name: "word/document.xml", content: document },
    ...more
  ])

/** Pictures and templates that lie on a server. */
export const withLinks = (url: string): Uint8Array =>
  word({
    document: paragraph("What is outside stays outside."),
    more: [{
      name: "word/_rels/document.xml.rels",
      content:
        `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
        ["image", "attachedTemplate", "oleObject"].map((kind) =>
          `<Relationship Id="x${kind}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${kind}" ` +
          `Target="${url}/${kind}" TargetMode="External"/>`
        ).join("") + `</Relationships>`
    }]
  })

/** Ten names, each of which stands for ten of the one before: a billion words in a kilobyte. */
const laughs = Array.from(
  { length: 10 },
  (_, at) => `<!ENTITY l${at} "${at === 0 ? "ha" : `&l${at - 1};`.repeat(10)}">`
).join("")

export const entities = (): Uint8Array =>
  word({
    document:
      `<?xml version="1.0"?><!DOCTYPE x [${laughs}]><w:document ${namespace}><w:body><w:p><w:r><w:t>&l9;</w:t>` +
      `</w:r></w:p></w:body></w:document>`
  })

/** A name that stands for a file of this machine, and one for a page of a server. */
export const externalEntities = (url: string): Uint8Array =>
  word({
    document:
      `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY u SYSTEM "${url}/entity">]>` +
      `<w:document ${namespace}><w:body><w:p><w:r><w:t>&f;&u;</w:t></w:r></w:p></w:body></w:document>`
  })

export const deepXml = (depth: number): Uint8Array =>
  word({
    document:
      `<?xml version="1.0"?><w:document ${namespace}><w:body>${"<w:p>".repeat(depth)}${"</w:p>".repeat(depth)}` +
      `</w:body></w:document>`
  })

/** So many megabytes of one letter in some kilobytes. */
export const inflating = (megabytes: number): Uint8Array => {
  const [before, after] = paragraph("|").split("|")
  return word({
    document: Buffer.concat([Buffer.from(before!), Buffer.alloc(megabytes << 20, "a"), Buffer.from(after!)])
  })
}

/** A part that is much larger than the directory says. */
export const lying = (): Uint8Array =>
  zipBytes([
    { name: "[Content_Types].xml", content: types(plain) },
    { name: "_rels/.rels", content: relations },
    { name: "word/document.xml", content: Buffer.alloc(32 << 20, " "), claims: 100 }
  ])

/** Very many entries that all begin at the same place. */
export const overlapping = (count: number): Uint8Array =>
  zipBytes([
    { name: "[Content_Types].xml", content: types(plain) },
    { name: "_rels/.rels", content: relations },
    ...Array.from(
      { length: count },
      (_, at) => ({ name: `word/document${at === 0 ? "" : at}.xml`, content: "<a/>", at: 0 })
    )
  ])

/** An archive in an archive, and so on. */
export const nested = (depth: number): Uint8Array => {
  let inner: Uint8Array = Buffer.from("nothing")
  for (let at = 0; at < depth; at++) inner = zipOfFiles({ "inner.zip": inner })
  return inner
}

export const gzipped = (depth: number, megabytes: number): Uint8Array => {
  let inner: Buffer = Buffer.alloc(megabytes << 20)
  for (let at = 0; at < depth; at++) inner = gzipSync(inner)
  return inner
}
