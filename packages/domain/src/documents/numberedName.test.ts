import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { cleanName } from "./cleanName.ts"
import { DocumentName } from "./Document.ts"
import { numberedName } from "./numberedName.ts"

describe("numberedName", () => {
  it("stands before the extension", () => {
    assert.strictEqual(numberedName("report.pdf", 1), "report (1).pdf")
    assert.strictEqual(numberedName("report", 12), "report (12)")
    assert.strictEqual(numberedName(".env", 1), ".env (1)")
    assert.strictEqual(numberedName("a.tar.gz", 2), "a.tar (2).gz")
  })

  it.effect.prop(
    "gives different names for different numbers, and each is one that a document may have",
    { sent: Schema.String, number: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 })) },
    ({ number, sent }) =>
      Effect.sync(() => {
        const name = cleanName(sent.repeat(20))
        assert.isTrue(Schema.is(DocumentName)(numberedName(name, number)))
        assert.notStrictEqual(numberedName(name, number), numberedName(name, number + 1))
        assert.notStrictEqual(numberedName(name, number), name)
      })
  )
})
