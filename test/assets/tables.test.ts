import { assert, it } from "@effect/vitest"
import { Control } from "@sheaf/adapters/lifecycle/Control"
import { AssetsRepo } from "@sheaf/adapters/repos/documents/AssetsRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { drawPdf } from "@sheaf/worker/parsing/pdf/testPdf"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { makeTenant, some } from "../repos/world.ts"
import { ingest, layer, makeDataset, until } from "../support/Pipeline.ts"

/** A page with a drawn table of three rows. */
const withTable = drawPdf([(pen) => {
  pen.lines(["What was sold in spring, by town and in pieces, as the clerk has counted it."], 60)
  const rows = [["Town", "Sold"], ["Bergen", "41"], ["Tromsø", "17"]]
  for (const [at, cells] of rows.entries()) {
    pen.line(cells[0]!, 120 + 20 * at, { x: 110 })
    pen.line(cells[1]!, 120 + 20 * at, { x: 310 })
  }
  for (const y of [105, 125, 145, 165]) pen.rule([100, y], [500, y])
  for (const x of [100, 300, 500]) pen.rule([x, 105], [x, 165])
}])

it.layer(layer, { timeout: "60 seconds" })("tables of PDFs", (it) => {
  it.effect("are shown as they look on their page, unless nobody wants that", () =>
    Effect.gen(function*() {
      const assets = yield* AssetsRepo
      const control = yield* Control
      const segments = yield* SegmentsRepo
      const sql = yield* SqlClient.SqlClient
      const { caller, tenantId } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      const bytes = yield* Effect.promise(() => withTable)
      const { documentId, runId } = yield* ingest(caller, datasetId, { name: "sold.pdf", bytes })
      assert.strictEqual((yield* until(caller, documentId)).status, "available")
      const [picture, ...others] = yield* assets.ofRun(tenantId, runId!)
      assert.deepStrictEqual(others, [])
      assert.deepInclude(picture, { mediaType: "image/png", name: "table, page 1, 1.png" })
      // Two thirds of the page's 600 points at 150 dpi.
      assert.closeTo(picture?.width ?? 0, 833, 40)
      assert.closeTo(picture?.height ?? 0, 125, 40)
      const refsOf = Effect.map(segments.list(caller, { documentId }), (found) =>
        some(found).items.flatMap((segment) => segment.assets))
      assert.deepStrictEqual(yield* refsOf, [{ hash: picture!.hash, role: "table" }])

      const by = { tenantId, actor: caller.actor }
      const settings = { parsing: { tablePictures: false } }
      const { id } = yield* transact(sql)(control.run(by, { documentId, settings }))
      yield* until(caller, documentId)
      assert.deepStrictEqual(yield* assets.ofRun(tenantId, id), [])
      assert.deepStrictEqual(yield* refsOf, [])
    }))
})
