import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import * as TestServer from "../../../test/support/TestServer.ts"

it.layer(TestServer.layer(), { timeout: "60 seconds" })("Server", (it) => {
  it.effect("says that it lives, and what it cannot do", () =>
    Effect.gen(function*() {
      const live = yield* TestServer.request("/health/live")
      assert.deepStrictEqual([live.status, live.json], [200, { status: "live" }])
      const ready = yield* TestServer.request("/health/ready")
      assert.strictEqual(ready.status, 503)
      const down = ready.json.parts.filter((part: { readonly ok: boolean }) => !part.ok)
      assert.deepStrictEqual(down.map((part: { readonly name: string }) => part.name), ["embedder"])
      for (const part of down) assert.isNotEmpty(part.remedy)
    }))
})
