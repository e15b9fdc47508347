import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as fc from "fast-check"
import { cleanName } from "./cleanName.ts"
import { DocumentName } from "./Document.ts"

const fits = Schema.is(DocumentName)

describe("cleanName", () => {
  it("keeps a decent name as it is", () => {
    for (const name of ["report.pdf", "Jahresbericht 2025 (final).docx", "日本語.txt", "no extension", "عربي.pdf"]) {
      assert.strictEqual(cleanName(name), name)
    }
  })

  it("takes the last part of a path that has a name", () => {
    assert.strictEqual(cleanName("../../etc/passwd"), "passwd")
    assert.strictEqual(cleanName("C:\\Users\\me\\notes.txt"), "notes.txt")
    assert.strictEqual(cleanName("folder/"), "folder")
    assert.strictEqual(cleanName(".."), "unnamed")
    assert.strictEqual(cleanName("/"), "unnamed")
  })

  it("removes what hides or reverses an ending", () => {
    assert.strictEqual(cleanName("invoice\u202Efdp.exe"), "invoicefdp.exe")
    assert.strictEqual(cleanName("a\u0000b\u001b[31m.txt"), "ab[31m.txt")
    assert.strictEqual(cleanName("\u200f\u2066\u0007"), "unnamed")
  })

  it("cuts a long name before its ending, at a whole character", () => {
    const name = cleanName(`${"ü".repeat(300)}.pdf`)
    assert.isTrue(name.endsWith("ü.pdf"))
    assert.isAtMost(new TextEncoder().encode(name).length, 255)
  })

  it("gives a name that fits for whatever is sent, and leaves that alone", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 600 }), (sent) => {
      const name = cleanName(sent)
      assert.isTrue(fits(name), JSON.stringify(name))
      assert.strictEqual(cleanName(name), name)
    }))
  })
})
