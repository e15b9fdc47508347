import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { unreadable } from "./unreadable.ts"

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0))

describe("unreadable", () => {
  it("knows what certainly cannot be read", () => {
    const cases = [
      ["\x89PNG\r\n\x1a\n\0\0\0", "a.png", "image/png"],
      ["\x89PNG\r\n\x1a\n\0\0\0", "a.txt", "image/png"],
      ["\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Report.DOC", "application/msword"],
      ["\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a", "application/x-cfb"],
      ["{\\rtf1\\ansi Hello}", "a.txt", "application/rtf"],
      ["\0\0\0\x18ftypmp42", "a", "video/mp4"],
      ["RIFF\x10\0\0\0WEBPVP8 ", "a", "image/webp"],
      ["\x7fELF\x02", "a", "application/x-elf"]
    ] as const
    for (const [start, name, type] of cases) assert.strictEqual(unreadable(bytes(start), name), type)
  })

  it("leaves open what may be read", () => {
    const starts = ["%PDF-1.7", "\x89PNG\r\n\x1a\n junk %PDF-1.7", "PK is how a zip begins", "MZ", "II*", "<html>", ""]
    for (const start of starts) assert.isNull(unreadable(bytes(start), "a.docx"))
    // What is in a zip, and whether a document is under a password, is seen by reading all of it.
    for (const start of ["PK\x03\x04\x14\0", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]) {
      assert.isNull(unreadable(bytes(start), "a.docx"))
    }
  })

  it.effect.prop("refuses no text in UTF-8", { text: Schema.String }, ({ text }) =>
    Effect.sync(() => {
      // Control characters, which no text has at its beginning, are what signatures are made of.
      const written = text.replaceAll(/\p{Cc}/gu, "")
      assert.isNull(unreadable(new TextEncoder().encode(written), "a.txt"))
    }))
})
