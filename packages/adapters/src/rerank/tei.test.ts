import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as GpuServer from "../../../../test/support/gpu/GpuServer.ts"
import { reranker } from "./Reranker.ts"
import * as Tei from "./tei.ts"

it.effect("asks a server again how much it takes at once after it failed: it may be another", () =>
  Effect.gen(function*() {
    const texts = Array.from({ length: 6 }, (_, at) => `text ${at}`)
    const serving = (maxItems: number, port?: number) =>
      GpuServer.start({ model: { maxItems }, ...(port !== undefined && { port }) })
    // A port that is free again.
    const { port } = yield* Effect.scoped(serving(6))
    const use = Effect.gen(function*() {
      const { rerank } = yield* Effect.flatMap(reranker, Effect.fromOption)
      assert.lengthOf(yield* Effect.scoped(Effect.andThen(serving(6, port), rerank("text", texts))), 6)
      yield* serving(2, port)
      assert.strictEqual((yield* Effect.flip(rerank("text", texts)))._tag, "RerankerUnavailable")
      yield* TestClock.adjust("6 seconds")
      assert.lengthOf(yield* rerank("text", texts), 6)
    })
    yield* Effect.provide(use, Tei.layer({ url: new URL(`http://127.0.0.1:${port}`) }))
  }))
