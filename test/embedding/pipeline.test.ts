import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import * as Tei from "../../packages/adapters/src/embedding/tei.ts"
import { makeTenant } from "../repos/world.ts"
import * as GpuServer from "../support/gpu/GpuServer.ts"
import { ingest, layerOf, makeDataset, until } from "../support/Pipeline.ts"

/** One for all tests: faults are put right at the end of each. */
const gpu = GpuServer.makeGpu({ model: { maxTokens: 64 } })
const url = Effect.acquireRelease(gpu.listen(0), () => gpu.close).pipe(
  Effect.map((port) => new URL(`http://127.0.0.1:${port}`))
)

const layer = layerOf(Layer.unwrap(Effect.map(url, (url) =>
  Tei.layer({
    url,
    timeout: "2 seconds",
    governor: { retry: { first: "5 millis" }, open: { first: "50 millis", longest: "200 millis" } }
  }))))

const handbook = (title: string) =>
  `# ${title}\n\n` +
  Array.from({ length: 60 }, (_, i) =>
    `Paragraph ${i} of ${title} explains how a turbine blade number ${i} is inspected, cleaned, measured and put back.\n\n`)
    .join("")

it.layer(layer, { timeout: "60 seconds" })("the pipeline with a GPU worker (double)", (it) => {
  it.effect("counts in the server's tokens, and embeds each text once", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { caller } = yield* makeTenant
      const { documentId } = yield* ingest(caller, yield* makeDataset(caller), {
        name: "a.md",
        bytes: handbook("Anna")
      })
      const document = yield* until(caller, documentId)
      assert.deepStrictEqual([document.status, document.run?.cause], ["available", null])
      const [longest] = yield* sql<{ tokens: number; segments: number }>`
        select max(tokens)::int as tokens, count(*)::int as segments from segments where document_id = ${documentId}`
      assert.isAtMost(longest!.tokens, 64)
      assert.isAbove(longest!.segments, 30)
      const sent = gpu.received().filter(({ path }) => path === "/embed").flatMap(({ texts }) => texts)
        .filter((text) => text.includes("Anna"))
      assert.strictEqual(new Set(sent).size, sent.length)
      assert.strictEqual(sent.length, longest!.segments)
    }))

  it.effect("waits for one that is down, whatever it is that fails, and blames nobody", () =>
    Effect.gen(function*() {
      const { caller } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      for (const faults of [{ status: 503 }, { status: 429 }, { answer: "drop" }, { vectors: "nan" }] as const) {
        gpu.setFaults({ ...faults, everything: true })
        const { documentId } = yield* ingest(caller, datasetId, {
          name: "b.md",
          bytes: handbook(JSON.stringify(faults))
        })
        const waiting = yield* until(caller, documentId, (document) => document.status === "waiting")
        assert.strictEqual(waiting.run?.waitingFor, "embedder")
        gpu.setFaults({})
        const done = yield* until(caller, documentId)
        assert.deepStrictEqual([done.status, done.run?.cause, done.run?.waitingFor], ["available", null, null])
      }
    }))

  it.effect("fails a document with a text that the model cannot take, and says which", () =>
    Effect.gen(function*() {
      const { caller } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      gpu.setFaults({ status: 424, poison: "arsenic" })
      const bad = yield* ingest(caller, datasetId, {
        name: "c.md",
        bytes: `${handbook("Carla")}\n\nNothing but arsenic.`
      })
      const good = yield* ingest(caller, datasetId, { name: "d.md", bytes: handbook("Dora") })
      const [failed, done] = [yield* until(caller, bad.documentId), yield* until(caller, good.documentId)]
      gpu.setFaults({})
      assert.strictEqual(failed.status, "error")
      assert.strictEqual(failed.run?.cause?._tag, "EmbedderRejected")
      assert.strictEqual(done.status, "available")
    }))
})
