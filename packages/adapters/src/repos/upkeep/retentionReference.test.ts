import { assert, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { retentionReference } from "./retentionReference.ts"

it("docs/retention.md says what the code says: run `node scripts/retention.ts`", () => {
  const file = new URL("../../../../../docs/retention.md", import.meta.url)
  assert.strictEqual(readFileSync(file, "utf8"), retentionReference())
})
