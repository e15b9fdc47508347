import { assert, it } from "@effect/vitest"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { encryptedPdf } from "@sheaf/worker/parsing/pdf/encryptedPdf"
import { drawPdf, writePdf } from "@sheaf/worker/parsing/pdf/testPdf"
import { Effect } from "effect"
import { makeTenant, some } from "./repos/world.ts"
import { ingest, layer, makeDataset, until } from "./support/Pipeline.ts"

const letter = (...bytes: ReadonlyArray<number>) => Uint8Array.from(bytes)
const pages = (count: number, text: string) =>
  Effect.promise(() =>
    drawPdf(Array.from({ length: count }, () => ({ line }) => text === "" ? undefined : line(text, 100)))
  )
const zip = Buffer.from("UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==", "base64")
const noPages = writePdf(["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 0 >>"])

interface Bad {
  readonly what: string
  readonly name: string
  readonly bytes: Effect.Effect<Uint8Array | string>
  readonly cause: FailureCause["_tag"]
}

const rejected: ReadonlyArray<Bad> = [
  { what: "an empty file", name: "empty.txt", bytes: Effect.succeed(""), cause: "Empty" },
  { what: "nothing but white space", name: "blank.md", bytes: Effect.succeed(" \n\t\n\u00a0 "), cause: "Empty" },
  { what: "an empty file that is called a PDF", name: "empty.pdf", bytes: Effect.succeed(""), cause: "Empty" },
  { what: "a PDF with a password", name: "secret.pdf", bytes: Effect.succeed(encryptedPdf), cause: "Encrypted" },
  {
    what: "a PDF that breaks off",
    name: "half.pdf",
    bytes: Effect.map(pages(3, "Never read"), (bytes) => bytes.subarray(0, 300)),
    cause: "Corrupt"
  },
  { what: "a PDF without pages", name: "none.pdf", bytes: Effect.succeed(noPages), cause: "NoPages" },
  { what: "a PDF without a word", name: "scan.pdf", bytes: pages(4, ""), cause: "NoText" },
  { what: "an archive that is called a text", name: "notes.txt", bytes: Effect.succeed(zip), cause: "Unsupported" },
  {
    what: "a picture",
    name: "a.png",
    bytes: Effect.succeed(letter(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52)),
    cause: "Unsupported"
  },
  {
    what: "bytes that are nothing",
    name: "data.bin",
    bytes: Effect.succeed(Uint8Array.from({ length: 4_096 }, (_, index) => (index * 7919) % 256)),
    cause: "Unsupported"
  }
]

const accepted: ReadonlyArray<Omit<Bad, "cause"> & { readonly text: string; readonly mediaType: string }> = [
  {
    what: "a PDF that is called a text",
    name: "really.txt",
    bytes: pages(1, "Written on a page"),
    text: "Written on a page",
    mediaType: "application/pdf"
  },
  {
    what: "a text that is called a PDF",
    name: "really.pdf",
    bytes: Effect.succeed("Plain words and nothing else."),
    text: "Plain words and nothing else.",
    mediaType: "text/plain"
  },
  {
    what: "invalid UTF-8",
    name: "broken.txt",
    bytes: Effect.succeed(Uint8Array.from([...new TextEncoder().encode("The pier is open "), 0xff, 0xfe, 0x20, 0x41])),
    text: "The pier is open",
    mediaType: "text/plain"
  },
  {
    what: "UTF-16 with a mark",
    name: "wide.txt",
    bytes: Effect.succeed(Buffer.from("\ufeffZwölf Boxkämpfer jagen Viktor", "utf16le")),
    text: "Zwölf Boxkämpfer jagen Viktor",
    mediaType: "text/plain"
  },
  {
    what: "Latin-1",
    name: "latin.txt",
    bytes: Effect.succeed(
      Buffer.from("Größe und Übermaß: die Straße führt über die Brücke nach Süden, wo Gärten blühen.", "latin1")
    ),
    text: "die Straße führt über die Brücke",
    mediaType: "text/plain"
  }
]

it.layer(layer, { timeout: "90 seconds" })("bad input is an answer", (it) => {
  for (const { bytes, cause, name, what } of rejected) {
    it.effect(`${what} is ${cause}`, () =>
      Effect.gen(function*() {
        const { caller } = yield* makeTenant
        const { documentId } = yield* ingest(caller, yield* makeDataset(caller), { name, bytes: yield* bytes })
        const document = yield* until(caller, documentId)
        assert.strictEqual(document.status, "error")
        assert.strictEqual(document.run?.state, "failed")
        assert.strictEqual(document.run?.cause?._tag, cause, JSON.stringify(document.run?.cause))
        assert.isNotNull(document.run?.finishedAt)
      }))
  }

  for (const { bytes, mediaType, name, text, what } of accepted) {
    it.effect(`${what} is read as what it is`, () =>
      Effect.gen(function*() {
        const segments = yield* SegmentsRepo
        const { caller } = yield* makeTenant
        const { documentId } = yield* ingest(caller, yield* makeDataset(caller), { name, bytes: yield* bytes })
        const document = yield* until(caller, documentId)
        assert.deepStrictEqual([document.status, document.mediaType], ["available", mediaType])
        const listed = some(yield* segments.list(caller, { documentId }))
        assert.include(listed.items.map((segment) => segment.text).join("\n"), text)
      }))
  }

  it.effect("the service goes on as if nothing had been", () =>
    Effect.gen(function*() {
      const { caller } = yield* makeTenant
      const { documentId } = yield* ingest(caller, yield* makeDataset(caller), {
        name: "a.md",
        bytes: "# Fine\n\nStill here."
      })
      assert.strictEqual((yield* until(caller, documentId)).status, "available")
    }))
})
