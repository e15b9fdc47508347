import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Redacted } from "effect"
import * as fc from "fast-check"
import * as Fs from "node:fs"
import { randomBytes } from "node:crypto"
import { temporaryFolder } from "../../../../test/support/temporaryFolder.ts"
import * as KeyFile from "./keyFile.ts"
import { make, type SecretKey } from "./keyRing.ts"
import { keyIdOf, Secrets } from "./Secrets.ts"

const keyNamed = (id: string): SecretKey => ({ id, key: Redacted.make(new Uint8Array(randomBytes(32))) })
const run = Effect.runSync

describe("keyRing", () => {
  it("opens what it sealed, for the same owner and for nobody else", () => {
    const box = make([keyNamed("a")])
    const words = fc.array(fc.constantFrom("t", "t2", ""), { maxLength: 3 })
    fc.assert(fc.property(fc.string({ maxLength: 40 }), words, words, (text, owner, other) => {
      const sealed = run(box.seal(Redacted.make(text), owner))
      assert.strictEqual(Redacted.value(run(box.open(sealed, owner))), text)
      const isSame = JSON.stringify(owner) === JSON.stringify(other)
      assert.strictEqual(Exit.isSuccess(Effect.runSyncExit(box.open(sealed, other))), isSame)
    }))
  })

  it("opens nothing that was changed", () => {
    const box = make([keyNamed("a")])
    const sealed = run(box.seal(Redacted.make("whsec"), ["t"]))
    fc.assert(fc.property(fc.nat(sealed.length - 1), fc.constantFrom("A", "b", "7", ".", "-"), (at, letter) => {
      const changed = sealed.slice(0, at) + letter + sealed.slice(at + 1)
      const exit = Effect.runSyncExit(box.open(changed, ["t"]))
      // The last letter of base64 has bits that mean nothing.
      if (changed !== sealed && at < sealed.length - 1) assert.isTrue(Exit.isFailure(exit), changed)
    }))
  })

  it("goes on opening what an older key sealed, and seals with the newest", () => {
    const [old, next] = [keyNamed("old"), keyNamed("new")]
    const sealed = run(make([old]).seal(Redacted.make("token"), ["t"]))
    const both = make([next, old])
    assert.strictEqual(Redacted.value(run(both.open(sealed, ["t"]))), "token")
    assert.strictEqual(keyIdOf(sealed), "old")
    assert.strictEqual(keyIdOf(run(both.seal(Redacted.make("token"), ["t"]))), "new")
    const error = run(Effect.flip(make([next]).open(sealed, ["t"])))
    assert.deepStrictEqual({ tag: error._tag, keyId: error.keyId }, { tag: "SecretUnreadable", keyId: "old" })
  })
})

it.effect("without a key nothing is sealed", () =>
  Effect.gen(function*() {
    const box = yield* Secrets
    assert.strictEqual((yield* Effect.flip(box.seal(Redacted.make("x"), [])))._tag, "NoSecretKey")
  }))

it.effect("the key of a data folder is made once, for its owner alone", () =>
  Effect.gen(function*() {
    const home = yield* temporaryFolder("keys")
    const [first, second] = [yield* KeyFile.read(home), yield* KeyFile.read(home)]
    assert.deepStrictEqual(Redacted.value(first.key), Redacted.value(second.key))
    assert.strictEqual(Fs.statSync(KeyFile.fileOf(home)).mode & 0o777, 0o600)
    Fs.writeFileSync(KeyFile.fileOf(home), "short")
    assert.strictEqual((yield* Effect.flip(KeyFile.read(home)))._tag, "FolderUnusable")
  }))
