import { assert, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { reference } from "./reference.ts"

it("docs/configuration.md says what the code says: run `node scripts/configuration.ts`", () => {
  const file = new URL("../../../../docs/configuration.md", import.meta.url)
  assert.strictEqual(readFileSync(file, "utf8"), reference())
})
