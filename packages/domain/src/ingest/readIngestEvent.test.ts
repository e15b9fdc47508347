import { assert, describe, it } from "@effect/vitest"
import { Option, Result, Schema } from "effect"
import { IngestEvent } from "./IngestEvent.ts"
import { readIngestEvent } from "./readIngestEvent.ts"

const tenant = "0190f5fe-7c00-7000-8000-000000000001"
const fit = { version: 1, eventId: "e-1", dataset: { name: "manuals" }, name: "a.md", content: { text: "hello" } }

const read = (value: unknown) => readIngestEvent(new TextEncoder().encode(JSON.stringify(value)), tenant)
const reason = (value: unknown) => {
  const { event } = read(value)
  return Result.isFailure(event) ? event.failure._tag : "fit"
}

describe("readIngestEvent", () => {
  it("takes every way to say where the bytes are, and nothing else beside it", () => {
    const uploadId = tenant
    for (
      const content of [{ text: "" }, { base64: "aGk=" }, { uploadId }, { blob: "a/inbox/b" }, { url: "https://x.org" }]
    ) {
      assert.strictEqual(reason({ ...fit, content }), "fit", JSON.stringify(content))
      assert.strictEqual(reason({ ...fit, content: { ...content, more: 1 } }), "Malformed")
    }
    assert.strictEqual(reason({ ...fit, content: { text: "a", url: "https://x.org" } }), "Malformed")
    assert.strictEqual(reason({ ...fit, content: {} }), "Malformed")
    assert.strictEqual(reason({ ...fit, content: { base64: "not base64" } }), "Malformed")
  })

  it("names the field that is wrong, and keeps the id of what it refuses", () => {
    const { event, eventId } = read({ ...fit, datset: "x" })
    assert.deepStrictEqual(eventId, Option.some(fit.eventId))
    assert.include(JSON.stringify(event), "datset")
  })

  it("knows the version before the rest, and the tenant whatever its spelling", () => {
    assert.strictEqual(reason({ version: 2, eventId: "e-2", entirely: "different" }), "UnsupportedVersion")
    assert.strictEqual(reason({ ...fit, version: "1" }), "Malformed")
    assert.strictEqual(reason({ ...fit, tenant: tenant.toUpperCase() }), "fit")
    assert.strictEqual(reason({ ...fit, tenant: tenant.replace("1", "2") }), "TenantMismatch")
  })

  it("takes no id that could not be a token of a subject", () => {
    for (const eventId of ["", "a.b", "a b", "*", ">", "é", "x".repeat(129), 7, null]) {
      assert.isTrue(Option.isNone(read({ ...fit, eventId }).eventId), String(eventId))
      assert.strictEqual(reason({ ...fit, eventId }), "Malformed")
    }
  })

  it("answers short, whatever the bytes", () => {
    const wide = { ...fit, content: Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`k${index}`, 1])) }
    const texts = ["", "{", "null", "[]", "7", "\u0000", "[".repeat(100_000), JSON.stringify(wide)]
    const all = [...texts.map((text) => new TextEncoder().encode(text)), new Uint8Array([0xff, 0xfe, 0x7b])]
    for (const bytes of all) {
      const { event } = readIngestEvent(bytes, tenant)
      assert.isTrue(Result.isFailure(event))
      assert.isBelow(JSON.stringify(event).length, 5_000)
    }
  })

  it.prop("takes whatever the schema makes", [IngestEvent], ([event]) => {
    const { tenant: _tenant, ...rest } = Schema.encodeSync(IngestEvent)(event)
    assert.strictEqual(reason(rest), "fit", JSON.stringify(rest))
  })
})
