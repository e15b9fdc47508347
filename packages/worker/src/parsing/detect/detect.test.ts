import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import iconv from "iconv-lite"
import { ParseFailure } from "../Parser.ts"
import { temporaryFile } from "../testFile.ts"
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

/** A compound file as old office programs write: its signature, and the directory entry that tells whose it is. */
const compound = (stream: string): Uint8Array => {
  const file = new Uint8Array(2_048)
  file.set([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])
  file.set(utf16(stream), 1_024)
  return file
}

/** A zip with one stored entry. */
const zip = (name: string, content: string): Uint8Array => {
  const [path, data] = [bytes(name), bytes(content)]
  const header = new DataView(new ArrayBuffer(30))
  header.setUint32(0, 0x04034b50, true)
  header.setUint16(4, 20, true)
  header.setUint32(18, data.length, true)
  header.setUint32(22, data.length, true)
  header.setUint16(26, path.length, true)
  return Buffer.concat([new Uint8Array(header.buffer), path, data, new Uint8Array(64)])
}

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
    ["an encrypted office file", compound("EncryptedPackage"), "x.docx", "application/encrypted-office-document"],
    ["an EPUB", zip("mimetype", "application/epub+zip"), "x.zip", "application/epub+zip"],
    ["a zip", zip("a.txt", "a"), "x.txt", "application/zip"],
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
