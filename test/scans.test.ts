import { assert, it } from "@effect/vitest"
import { HistoryRepo } from "@sheaf/adapters/repos/runs/HistoryRepo"
import { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { DocumentId } from "@sheaf/domain/ids"
import { scanPdf } from "@sheaf/worker/parsing/render/testScan"
import { Effect } from "effect"
import { embedder } from "./proof/world/model.ts"
import { makeTenant, some } from "./repos/world.ts"
import { ingest, layerOf, makeDataset, until } from "./support/Pipeline.ts"

// Pages without a word of text, from the file to segments.

const built = Effect.fnUntraced(function*(pages: Parameters<typeof scanPdf>[0]) {
  const { caller } = yield* makeTenant
  const bytes = yield* Effect.promise(() => scanPdf(pages))
  const { documentId } = yield* ingest(caller, yield* makeDataset(caller), { name: "scan.pdf", bytes })
  return { caller, document: yield* until(caller, documentId) }
})

const segmentsOf = Effect.fnUntraced(function*(caller: Caller, documentId: DocumentId) {
  const segments = yield* SegmentsRepo
  return some(yield* segments.list(caller, { documentId })).items
})

const warningsOf = Effect.fnUntraced(function*(caller: Caller, documentId: DocumentId) {
  const history = yield* HistoryRepo
  return some(yield* history.list(caller.tenantId, { documentId })).items[0]!.warnings
})

it.layer(layerOf(embedder), { timeout: "90 seconds" })("scans", (it) => {
  it.effect("are read page by page, among pages of text, each word where it stands", () =>
    Effect.gen(function*() {
      const { caller, document } = yield* built([
        "Words of the first page.",
        ["The second page was scanned", "from an old paper book."],
        [],
        "Words of the fourth page."
      ])
      assert.strictEqual(document.status, "available", JSON.stringify(document.run?.cause))
      const found = yield* segmentsOf(caller, document.id)
      assert.strictEqual(
        found.map(({ text }) => text.replace(/\s+/g, " ")).join(" "),
        "Words of the first page. The second page was scanned from an old paper book. Words of the fourth page."
      )
      const lines = found.flatMap(({ boxes }) => boxes).filter(({ page }) => page === 2)
      assert.isTrue(lines.length > 0 && lines.every(({ x0, y1 }) => x0 > 0.04 && y1 < 0.6))
      assert.deepStrictEqual(yield* warningsOf(caller, document.id), [])
    }), 60_000)

  it.effect("of many pages are parts of a few pages each, in their order in the end", () =>
    Effect.gen(function*() {
      const runs = yield* RunsRepo
      const numbers = ["one", "two", "three", "four", "five", "six", "seven", "eight"]
      const { caller, document } = yield* built(
        numbers.map((number) => number === "four" ? "This is page four" : [`This is page ${number}`])
      )
      assert.strictEqual(document.status, "available", JSON.stringify(document.run?.cause))
      const units = yield* runs.units(caller.tenantId, document.run!.id, "parse")
      assert.deepStrictEqual(units.map(({ spec }) => spec), [
        { range: { first: 1, last: 5 } },
        { range: { first: 6, last: 8 } }
      ])
      assert.strictEqual(units.reduce((sum, { weight }) => sum + weight, 0), 8)
      const text = (yield* segmentsOf(caller, document.id)).map(({ text }) => text).join(" ")
      assert.deepStrictEqual([...text.matchAll(/page (\w+)/g)].map(([, number]) => number), numbers)
    }), 60_000)

  it.effect("without anything that can be read have no text, and say of which pages", () =>
    Effect.gen(function*() {
      const { caller, document } = yield* built([[], ["· , ~ ·"]])
      assert.deepStrictEqual(document.run?.cause, { _tag: "NoText", pages: 2 })
      assert.deepStrictEqual(yield* warningsOf(caller, document.id), [
        { page: 2, detail: "it has no text, and none was recognised on it" }
      ])
    }))
})
