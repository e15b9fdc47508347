import { assert, describe, it } from "@effect/vitest"
import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { Effect } from "effect"
import * as fc from "fast-check"
import { ParseFailure } from "../Parser.ts"
import { temporaryFile } from "../testFile.ts"
import { zipLimits } from "./limits.ts"
import { openZip } from "./openZip.ts"
import { zipBytes, zipOfFiles } from "./testZip.ts"

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

/** Every entry's text by its name, or the tag of the failure. */
const contents = Effect.fnUntraced(function*(bytes: Uint8Array, limits = zipLimits) {
  const path = yield* temporaryFile(bytes)
  return yield* Effect.tryPromise({
    try: async () => {
      const zip = await openZip(path, limits)
      try {
        const found: Record<string, string> = {}
        for (const name of zip.names) found[name] = text(await zip.read(name))
        return found
      } finally {
        zip.close()
      }
    },
    catch: (error) => {
      if (error instanceof ParseFailure) return error.failure._tag
      throw error
    }
  }).pipe(Effect.catch((tag) => Effect.succeed(tag)))
}, Effect.scoped)

describe("openZip", () => {
  it.effect("reads what was packed", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(
          fc.dictionary(
            fc.string({ unit: "grapheme", minLength: 1 }).filter((name) => !/[\\/]|__proto__/.test(name)),
            fc.string()
          ),
          fc.boolean(),
          async (files, stored) => {
            const entries = Object.entries(files).map(([name, content]) => ({ name, content, stored }))
            const found = await Effect.runPromise(contents(zipBytes(entries)))
            assert.deepStrictEqual(found, Object.fromEntries(Object.entries(files)))
          }
        ),
        { numRuns: 30 }
      )
    ))

  it.effect("ends in a failure of the content, whatever bytes are damaged", () =>
    Effect.promise(() => {
      const sound = zipOfFiles({ "a.txt": "one ".repeat(40), "b/c.txt": "two", "d.txt": "" })
      return fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
          fc.nat(sound.length),
          async (changes, length) => {
            const damaged = Uint8Array.from(sound)
            for (const [at, byte] of changes) damaged[at] = byte
            await Effect.runPromise(contents(damaged))
            const found = await Effect.runPromise(contents(sound.subarray(0, length)))
            if (length < sound.length) assert.strictEqual(found, "Corrupt")
          }
        ),
        { numRuns: 30 }
      )
    }))

  it.effect("takes names for keys, wherever they seem to lead", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* contents(zipOfFiles({ "../../etc/passwd": "a", "/root": "b", "C:\\x": "c", "folder/": "" })),
        { "../../etc/passwd": "a", "/root": "b", "C:/x": "c" }
      )
    }))

  it.effect("leaves a container within closed", () =>
    Effect.gen(function*() {
      const inner = zipOfFiles({ "inner.txt": "x" })
      const found = yield* contents(zipOfFiles({ "inner.zip": inner }))
      assert.deepStrictEqual(Object.keys(found), ["inner.zip"])
    }))

  const zeros = new Uint8Array(8 * 1_024 * 1_024)
  const first = { name: "a", content: "a".repeat(100), stored: true }
  const cases: ReadonlyArray<readonly [what: string, content: () => Uint8Array, tag: FailureCause["_tag"]]> = [
    ["a bomb", () => zipOfFiles({ a: zeros }), "TooLarge"],
    ["a bomb that calls itself small", () => zipBytes([{ name: "a", content: zeros, claims: 10 }]), "Corrupt"],
    ["an entry of 4 GB", () => zipBytes([{ name: "a", content: "a", claims: 0xfffffffe }]), "TooLarge"],
    ["entries over each other", () => zipBytes([first, { ...first, name: "b", at: 10 }]), "Corrupt"],
    ["entries with the same bytes", () => zipBytes([first, { ...first, name: "b", at: 0 }]), "Corrupt"],
    ["two entries of one name", () => zipBytes([first, first]), "Corrupt"],
    ["a password", () => zipBytes([{ name: "a", content: "a", encrypted: true }]), "Encrypted"],
    ["no container", () => new TextEncoder().encode("just words"), "Corrupt"],
    ["nothing", () => new Uint8Array(0), "Corrupt"]
  ]
  for (const [what, content, tag] of cases) {
    it.effect(`finds ${what} to be ${tag}`, () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* contents(content()), tag)
      }))
  }

  it.effect("counts entries, what is held, and everything that is read", () =>
    Effect.gen(function*() {
      const bytes = zipOfFiles({ a: "x".repeat(60), b: "y".repeat(60) })
      for (const limits of [{ entries: 1 }, { entryBytes: 59 }, { heldBytes: 59 }, { totalBytes: 119 }]) {
        const found = yield* contents(bytes, { ...zipLimits, ...limits })
        if ("entryBytes" in limits) assert.isObject(found)
        else assert.strictEqual(found, "TooLarge", JSON.stringify(limits))
      }
    }))
})
