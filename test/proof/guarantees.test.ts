import { assert, it } from "@effect/vitest"
import * as Fs from "node:fs"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../../", import.meta.url))

/** A test as the document names it: where it is, and how its name begins. */
const named = /^- `([^`]+)`: "(.+)"$/gm

it("every test that the guarantees name is there", () => {
  const text = Fs.readFileSync(`${root}docs/guarantees.md`, "utf8")
  const tests = Array.from(text.matchAll(named), ([, file = "", name = ""]) => ({ file, name }))
  assert.isAbove(tests.length, 50)
  assert.deepStrictEqual(
    tests.filter(({ file, name }) =>
      !Fs.existsSync(root + file) || !Fs.readFileSync(root + file, "utf8").includes(name)
    ),
    []
  )
  // Nothing is left without: each promise and each hazard is followed by a test.
  const claims = text.split("\n## ").slice(1).join("\n").split(/^\*\*/m).slice(1)
  assert.deepStrictEqual(claims.filter((claim) => !claim.includes("\n- `")), [])
  assert.strictEqual(claims.filter((claim) => /^\d+\. /.test(claim)).length, 15)
})
