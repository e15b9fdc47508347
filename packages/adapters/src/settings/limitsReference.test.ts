import { assert, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { limitsReference } from "./limitsReference.ts"

it("docs/limits.md says what the code says: run `node scripts/limits.ts`", () => {
  const file = new URL("../../../../docs/limits.md", import.meta.url)
  assert.strictEqual(readFileSync(file, "utf8"), limitsReference())
})
