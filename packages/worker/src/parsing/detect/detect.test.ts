import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import iconv from "iconv-lite"
import { ParseFailure } from "../Parser.ts"
import { temporaryFile } from "../testFile.ts"
import { zipOfFiles } from "../zip/testZip.ts"
import { detect } from "./detect.ts"
import { streamText } from "./readText.ts"

const typeOf = Effect.fnUntraced(function*(content: string | Uint8Array, name: string) {
  const path = yield* temporaryFile(content)
  return yield* Effect.tryPromise({
    try: () => detect(path, name),
    catch: (error) => error instanceof ParseFailure ? error.failure._tag : String(error)
  }).pipe(Effect.catch((tag) => Effect.succeed(tag)))
})

const textOf = Effect.fnUntraced(function*(content: Uint8Array) {
  const path = yield* temporaryFile(content)
  return yield* Effect.promise(async () => {
    let text = ""
    for await (const part of streamText(path)) text += part
    return text
  })
})

const bytes = (text: string) => new TextEncoder().encode(text)
const utf16 = (text: string, encoding = "utf-16le", addBOM = false) => iconv.encode(text, encoding, { addBOM })

/** A compound file as old office programs write: header, allocation table, and a directory in two pieces that are far apart. */
const compound = (stream: string): Uint8Array => {
  const file = Buffer.alloc(512 * 300)
  file.set([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])
  file.writeUInt16LE(9, 30)
  file.writeUInt32LE(1, 48)
  file.writeUInt32LE(0, 76)
  // The table, in sector 0: the directory goes on in sector 90.
  file.writeUInt32LE(90, 512 + 4)
  file.writeUInt32LE(0xffff_fffe, 512 + 4 * 90)
  const entry = (at: number, name: string) => {
    file.set(utf16(name), at)
    file.writeUInt16LE(2 * name.length + 2, at + 64)
  }
  entry(2 * 512, "Root Entry")
  entry(91 * 512 + 128, stream)
  return file
}

const office = (main: string, type: string) =>
  zipOfFiles({
    "[Content_Types].xml":
      `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/${main}" ContentType="${type}"/></Types>`,
    "_rels/.rels":
      `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="${main}"/></Relationships>`,
    [main]: "<a/>"
  })

const ooxml = "application/vnd.openxmlformats-officedocument"

describe("detect", () => {
  const cases: ReadonlyArray<readonly [what: string, content: string | Uint8Array, name: string, type: string]> = [
    ["a PDF named as text", "%PDF-1.4\n1 0 obj\n", "notes.txt", "application/pdf"],
    ["a PDF behind junk", `HTTP/1.1 200 OK\r\n\r\n%PDF-1.4\n1 0 obj\n%%EOF`, "x", "application/pdf"],
    ["a text that speaks of PDF headers", "A file begins with\n%PDF-1.7\nand goes on.", "x.txt", "text/plain"],
    ["text named as a PDF", "Just words.", "fake.pdf", "text/plain"],
    ["HTML named as text", "<!doctype html><title>x</title><p>Hello", "page.txt", "text/html"],
    ["XHTML", `<?xml version="1.0"?><html xmlns="x"><body/></html>`, "x", "text/html"],
    ["HTML behind a comment", "<!-- saved -->\n<html><body>x", "x", "text/html"],
    ["a fragment of HTML", "<p>One</p>\n<p>Two <a href=x>link</a></p>", "x", "text/html"],
    ["Markdown by its name", "Just words.", "a.md", "text/markdown"],
    ["Markdown that begins with HTML", "<p align=center><b>Logo</b></p>\n\n# Title\n", "README.md", "text/markdown"],
    ["Markdown without a name", "# Title\n\nSee [this](http://x.y).\n", "x", "text/markdown"],
    ["a shell script with headings for comments", "# one\n# two\n- a\n- b\n", "run.sh", "text/plain"],
    ["prose", "Dear all,\n\nthis is prose - nothing else.\n", "x", "text/plain"],
    [
      "mail from a mailbox",
      "From a@b.c Tue May 10 11:28:07 2005\nReceived: from a\nSubject: b\n\nHello",
      "x",
      "message/rfc822"
    ],
    ["mail", "Received: from a\r\nSubject: b\r\nMIME-Version: 1.0\r\n\r\nHello", "x", "message/rfc822"],
    ["rich text", "{\\rtf1\\ansi Hello}", "x.txt", "application/rtf"],
    ["SVG", `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"></svg>`, "x.xml", "image/svg+xml"],
    ["UTF-16 without a mark", utf16("Plain English words in two bytes each."), "x", "text/plain"],
    [
      "PNG",
      new Uint8Array([0x89, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 1]),
      "x",
      "image/png"
    ],
    ["an old Word file", compound("WordDocument"), "x.txt", "application/msword"],
    ["an old Excel file", compound("Workbook"), "x", "application/vnd.ms-excel"],
    ["an encrypted office file", compound("EncryptedPackage"), "x.docx", "Encrypted"],
    ["a message of Outlook", compound("__properties_version1.0"), "x", "application/vnd.ms-outlook"],
    ["a compound file of another kind", compound("Other"), "x.doc", "application/x-cfb"],
    ["an EPUB", zipOfFiles({ mimetype: "application/epub+zip", a: "" }), "x.zip", "application/epub+zip"],
    [
      "an EPUB that does not say so",
      zipOfFiles({ "META-INF/container.xml": "<a/>", "OPS/a.opf": "" }),
      "x",
      "application/epub+zip"
    ],
    [
      "an OpenDocument",
      zipOfFiles({ mimetype: "application/vnd.oasis.opendocument.text" }),
      "x.docx",
      "application/vnd.oasis.opendocument.text"
    ],
    [
      "a Word document",
      office("word/document.xml", `${ooxml}.wordprocessingml.document.main+xml`),
      "x.xlsx",
      `${ooxml}.wordprocessingml.document`
    ],
    [
      "a workbook",
      office("xl/workbook.xml", `${ooxml}.spreadsheetml.sheet.main+xml`),
      "x",
      `${ooxml}.spreadsheetml.sheet`
    ],
    [
      "slides with macros",
      office("p/p.xml", "application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml"),
      "x.txt",
      "application/vnd.ms-powerpoint.presentation.macroenabled.12"
    ],
    ["a zip", zipOfFiles({ "a.txt": "a" }), "x.docx", "application/zip"],
    ["an empty zip", zipOfFiles({}), "x", "application/zip"],
    ["a zip that is cut off", zipOfFiles({ "a.txt": "a" }).subarray(0, 40), "x", "application/zip"],
    ["a document that is cut off", office("a", "b").subarray(0, 400), "x", "Corrupt"],
    ["a document by its name that is cut off", zipOfFiles({ "a.txt": "a" }).subarray(0, 40), "x.docx", "Corrupt"],
    ["a table", "a,b\n1,2\n", "x.csv", "text/csv"],
    ["a table of tabs", "a\tb\n1\t2\n", "x.tsv", "text/tab-separated-values"],
    ["a table without a name", `a;b;c\n1;"2;3";4\n5;6;7\n`, "x", "text/csv"],
    ["a table of tabs in a text", "a\tb\n1\t2\n3\t4", "x.txt", "text/tab-separated-values"],
    ["a table that goes on", "name,height,weight\n".repeat(9_000), "x", "text/csv"],
    ["prose with commas", "One, two, three.\nFour, five, six.\nSeven, and eight.\n", "x", "text/plain"],
    ["sentences with as many commas", "So, he said, go. Now.\n".repeat(4), "x.txt", "text/plain"],
    ["a program with commas", "a, b, c\n".repeat(4), "x.py", "text/plain"],
    ["HTML named as a table", "<!doctype html><p>x", "x.csv", "text/html"],
    ["an object", `{ "a": [1, 2], "b": null }`, "x", "application/json"],
    ["a list of objects that goes on", `[{"a": 1}${`,\n{"a": 1}`.repeat(20_000)}]`, "x", "application/json"],
    ["JSON with comments", "{ // why\n\"a\": 1 }", "x.json", "application/json"],
    ["a number", "12", "x.json", "application/json"],
    ["values in lines", `{"a":1}\n{"a":2}\n`, "x", "application/x-ndjson"],
    ["values in lines that go on", `{"a":1}\n`.repeat(20_000), "x.log", "application/x-ndjson"],
    ["one value by its name", `{"a":1}\n`, "x.jsonl", "application/x-ndjson"],
    ["prose in brackets", "[1] See there.\n[2] And there.\n", "x", "text/plain"],
    ["a list of references", "[1]\n[2]: x", "x", "text/plain"],
    ["a program in braces", "{ let a = 1 }", "x.js", "text/plain"],
    ["a template", "{{ name }} is here", "x", "text/plain"],
    ["mail by its name", "Subject: a\n\nHello", "x.eml", "message/rfc822"],
    ["3 MB of 0xFF", new Uint8Array(3_000_000).fill(0xff), "x.txt", "application/octet-stream"],
    [
      "3 MB of 0xFF behind words",
      Buffer.concat([bytes("words "), new Uint8Array(3_000_000).fill(0xff)]),
      "x.txt",
      "application/octet-stream"
    ],
    [
      "bytes of no kind",
      Uint8Array.from({ length: 4_000 }, (_, at) => (at * 7919) % 31),
      "x.txt",
      "application/octet-stream"
    ],
    ["nothing", "", "x.txt", "Empty"],
    ["white space", " \n\t\r\n \u00a0\u3000", "x.txt", "Empty"],
    ["a byte order mark alone", "\ufeff\n", "x.txt", "Empty"],
    ["much white space", " ".repeat(200_000), "x.txt", "Empty"],
    ["words behind much white space", `${" ".repeat(200_000)}word`, "x.txt", "text/plain"]
  ]
  for (const [what, content, name, type] of cases) {
    it.effect(`finds ${what} to be ${type}`, () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* typeOf(content, name), type)
      }))
  }
})

describe("streamText", () => {
  const japanese = "日本語の文章です。文字コードを正しく判定できなければなりません。これは長めの文です。"
  const cases: ReadonlyArray<readonly [what: string, content: Uint8Array, text: string]> = [
    ["UTF-8 with a mark", bytes("\ufeffGrüße"), "Grüße"],
    ["UTF-16 with a mark", utf16("Grüße", "utf-16le", true), "Grüße"],
    ["UTF-16, big end first", utf16("Grüße an alle", "utf-16be", true), "Grüße an alle"],
    ["Shift-JIS", iconv.encode(japanese, "shift_jis"), japanese],
    ["Latin 1", iconv.encode("Größe, Fläche und Übung für Schüler", "latin1"), "Größe, Fläche und Übung für Schüler"],
    ["Windows-1252", iconv.encode("“Café” – naïve", "windows-1252"), "“Café” – naïve"],
    [
      "a declared character set",
      iconv.encode(`<meta charset="koi8-r"><p>Привет`, "koi8-r"),
      `<meta charset="koi8-r"><p>Привет`
    ],
    ["UTF-8 that is declared otherwise", bytes(`<meta charset=latin1>naïve`), `<meta charset=latin1>naïve`],
    [
      "damaged UTF-8",
      Buffer.concat([bytes("Grüße, Öl, Ähre "), Uint8Array.of(0xff), bytes(" Ende")]),
      "Grüße, Öl, Ähre \ufffd Ende"
    ],
    ["UTF-8 that breaks off", bytes("Grüße, Öl, Ähre ü").subarray(0, -1), "Grüße, Öl, Ähre \ufffd"]
  ]
  for (const [what, content, text] of cases) {
    it.effect(`reads ${what}`, () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* textOf(content), text)
      }))
  }
})
