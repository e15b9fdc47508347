import { drawPdf } from "@sheaf/worker/parsing/pdf/testPdf"
import { zipOfFiles } from "@sheaf/worker/parsing/zip/testZip"
import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import * as Containers from "./containers.ts"
import * as Pdfs from "./pdfs.ts"
import * as Texts from "./texts.ts"

/** A file is read, or refused as this. */
export type Ending = "read" | FailureCause["_tag"]

export interface Case {
  readonly what: string
  readonly name: string
  readonly make: () => string | Uint8Array | Promise<string | Uint8Array>
  /** How it may end. */
  readonly ends: ReadonlyArray<Ending>
  /** It takes a second at most, so that a whole service can be asked for it beside other tests. */
  readonly quick?: boolean
}

export const over: ReadonlyArray<Ending> = ["TooLarge", "Corrupt", "ParserCrashed", "ParserTimedOut"]

/** Files that mean no good; `url` is a server that nobody is to ask for anything. */
export const cases = (url: string): ReadonlyArray<Case> => [
  { what: "a document that inflates", name: "a.docx", make: () => Containers.inflating(96), ends: over },
  { quick: true, what: "a part that is larger than it says", name: "a.docx", make: Containers.lying, ends: over },
  {
    what: "entries on top of each other",
    name: "a.docx",
    make: () => Containers.overlapping(5_000),
    ends: over
  },
  {
    quick: true,
    what: "archives in archives",
    name: "a.docx",
    make: () => Containers.nested(40),
    ends: ["Unsupported", "Corrupt"]
  },
  { what: "a gzip of gzips", name: "a.gz", make: () => Containers.gzipped(3, 64), ends: ["Unsupported"] },
  { quick: true, what: "a billion laughs", name: "a.docx", make: Containers.entities, ends: ["read", ...over] },
  {
    quick: true,
    what: "entities from outside",
    name: "a.docx",
    make: () => Containers.externalEntities(url),
    ends: ["read", ...over]
  },
  { what: "very deep XML", name: "a.docx", make: () => Containers.deepXml(100_000), ends: ["read", ...over] },
  { quick: true, what: "a document with links", name: "a.docx", make: () => Containers.withLinks(url), ends: ["read"] },
  {
    quick: true,
    what: "a document with macros",
    name: "a.docm",
    make: () =>
      Containers.word({
        document: Containers.paragraph("Words beside macros."),
        macros: true,
        more: [{ name: "word/vbaProject.bin", content: "Sub AutoOpen()" }]
      }),
    ends: ["read", "Unsupported"]
  },
  {
    quick: true,
    what: "a page tree that goes in circles",
    name: "a.pdf",
    make: Pdfs.cyclicPages,
    ends: ["NoText", "NoPages", ...over]
  },
  {
    what: "tables that go in circles",
    name: "a.pdf",
    make: Pdfs.cyclicTables,
    ends: ["read", "NoText", ...over]
  },
  {
    what: "a page as large as the world",
    name: "a.pdf",
    make: Pdfs.giantPage,
    ends: ["read", "NoText", ...over]
  },
  { what: "a page twenty thousand times", name: "a.pdf", make: Pdfs.manyPages, ends: over },
  {
    what: "a page that unpacks beyond any bound",
    name: "a.pdf",
    make: () => Pdfs.inflatingPage(80),
    ends: ["NoText", ...over]
  },
  {
    quick: true,
    what: "a small file that is attached and unpacks to a large one",
    name: "a.pdf",
    make: () => Pdfs.inflatingAttachment(70),
    ends: ["read", "NoText", ...over]
  },
  {
    what: "a page that inflates",
    name: "a.pdf",
    make: () => Pdfs.inflatingPage(24),
    ends: ["read", "NoText", ...over]
  },
  { what: "a million columns", name: "a.csv", make: () => Texts.wideTable(1_000_000), ends: ["read", ...over] },
  { what: "very deep HTML", name: "a.html", make: () => Texts.deepHtml(20_000), ends: ["read", ...over] },
  { what: "very deep lists", name: "a.html", make: () => Texts.deepLists(10_000), ends: ["read", ...over] },
  {
    quick: true,
    what: "very deep JSON",
    name: "a.json",
    make: () => Texts.deepJson(200_000),
    ends: ["read", "Empty", ...over]
  },
  { quick: true, what: "mails in mails", name: "a.eml", make: () => Texts.deepMail(2_000), ends: ["read", ...over] },
  { what: "parts in parts", name: "a.eml", make: () => Texts.deepParts(5_000), ends: ["read", "Empty", ...over] },
  { quick: true, what: "a page that asks for more", name: "a.html", make: () => Texts.remotePage(url), ends: ["read"] },
  {
    what: "a drawing that asks for more",
    name: "a.svg",
    make: () => Texts.remoteDrawing(url),
    ends: ["read", "Unsupported", ...over]
  },
  { quick: true, what: "a mail that asks for more", name: "a.eml", make: () => Texts.remoteMail(url), ends: ["read"] },
  {
    quick: true,
    what: "a PDF that is an archive as well",
    name: "a.pdf",
    make: async () =>
      Buffer.concat([
        await drawPdf([({ line }) => line("Words on a page.", 100)]),
        zipOfFiles({ "a.txt": "words in an archive" })
      ]),
    ends: ["read"]
  },
  {
    quick: true,
    what: "a picture that is a program as well",
    name: "a.gif",
    make: () => "GIF89a/*\u0001\u0000\u0001\u0000*/=alert(1)//<script>alert(1)</script>",
    ends: ["Unsupported", "read"]
  }
]
